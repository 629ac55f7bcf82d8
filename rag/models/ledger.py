"""Counts what the requests for one answer come to."""

from __future__ import annotations

from typing import Protocol

from rag.types import Spent, Tokens


class Prices(Protocol):
    """What a million tokens cost; None where it is not known."""

    @property
    def price_read(self) -> float | None:
        """Of tokens that are read."""
        ...

    @property
    def price_written(self) -> float | None:
        """Of tokens that are written."""
        ...


class Ledger:
    """The requests of one answer; used by one thread.

    Example:
        >>> from rag.settings import ChatSettings
        >>> ledger = Ledger()
        >>> prices = ChatSettings(price_read=2.0, price_written=8.0)
        >>> ledger.add(Tokens(prompt=500_000, generated=1_000), prices)
        >>> ledger.spent().cost
        1.008
    """

    def __init__(self, before: Ledger | None = None) -> None:
        """Begin with the requests of another, if there is one."""
        kept = [] if before is None else before.requests
        self.requests: list[tuple[Tokens, float | None, str]] = list(kept)

    def add(self, tokens: Tokens, prices: Prices) -> None:
        """Count one request."""
        currency = getattr(prices, "currency", "")
        self.requests.append((tokens, _cost(tokens, prices), currency))

    def spent(self) -> Spent | None:
        """Return what it came to; None without a request, no cost where one has no price."""
        if not self.requests:
            return None
        tokens, costs, currencies = zip(*self.requests, strict=True)
        known = [cost for cost in costs if cost is not None]
        priced = len(known) == len(costs)
        return Spent(
            requests=len(tokens),
            tokens=Tokens(
                prompt=sum(t.prompt for t in tokens),
                cached=sum(t.cached for t in tokens),
                generated=sum(t.generated for t in tokens),
            ),
            cost=round(sum(known), 9) if priced else None,
            currency=next(filter(None, currencies), "") if priced else "",
        )


def _cost(tokens: Tokens, prices: Prices) -> float | None:
    read, written = prices.price_read, prices.price_written
    if read is None or written is None:
        return None
    cached = getattr(prices, "price_cached", None)
    fresh = max(tokens.prompt - tokens.cached, 0)
    whole = fresh * read + tokens.cached * (read if cached is None else cached)
    return (whole + tokens.generated * written) / 1e6

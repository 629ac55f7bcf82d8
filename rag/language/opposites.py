"""Words of news that mean the opposite, two sides in each line: short lists, read by eye."""

from __future__ import annotations

OPPOSITES = tuple(
    (tuple(left.split()), tuple(right.split()))
    for left, right in (
        line.split(" / ")
        for line in """
rise increase grow climb gain jump surge soar higher raise boost expand double triple advance \
rebound recover / fall drop decrease decline shrink slump plunge tumble lower reduce sink slide \
dip cut halve contract slip
win beat victory triumph / lose
approve accept endorse pass back support ratify welcome / reject oppose veto block rebuff dismiss
before earlier prior / after later following
allow permit let authorise lift legal legalise / ban prohibit bar forbid restrict outlaw illegal
loosen ease relax / tighten toughen
open reopen launch start begin / close shut end cancel stop
buy purchase acquire / sell
arrive enter join / leave depart quit exit withdraw
hire recruit appoint / fire sack dismiss
alive survive / die
guilty convict / innocent acquit clear
strengthen / weaken
accelerate / slow decelerate
praise / criticise condemn denounce
resume restore / suspend pause
include / exclude
withhold / send supply deliver provide
agree / disagree
up / down
above over exceed / below under
more / fewer less
north northern / south southern
east eastern / west western
father dad husband / mother mum mom wife
son / daughter
brother / sister
highest most biggest largest / lowest least smallest fewest
oldest eldest / youngest
early / late
optimistic / pessimistic
import / export
extend prolong / shorten
confirm / deny
succeed success / fail failure unsuccessful
""".strip().splitlines()
    )
)

"""Units by the stem of their word: money, time, and measures with their factor to one base."""

from __future__ import annotations

SYMBOLS = {"$": "USD", "£": "GBP", "€": "EUR", "¥": "JPY", "₹": "INR"}
MONEY = {
    "dollar": "USD",
    "usd": "USD",
    "cent": "USD",
    "euro": "EUR",
    "eur": "EUR",
    "pound": "GBP",
    "gbp": "GBP",
    "penc": "GBP",
    "yen": "JPY",
    "yuan": "CNY",
    "renminbi": "CNY",
    "rupe": "INR",
    "rubl": "RUB",
    "roubl": "RUB",
    "franc": "CHF",
    "peso": "MXN",
    "hryvnia": "UAH",
}
LENGTHS: dict[str, tuple[str, float]] = {
    "second": ("second", 1),
    "minut": ("second", 60),
    "min": ("second", 60),
    "hour": ("second", 3600),
    "day": ("second", 86400),
    "week": ("second", 604800),
    "fortnight": ("second", 1209600),
    "month": ("month", 1),
    "year": ("month", 12),
    "decad": ("month", 120),
    "centuri": ("month", 1200),
}
MEASURES: dict[str, tuple[str, float]] = {
    "kilomet": ("metre", 1000),
    "kilometr": ("metre", 1000),
    "km": ("metre", 1000),
    "metr": ("metre", 1),
    "meter": ("metre", 1),
    "mile": ("metre", 1609.344),
    "mph": ("kmh", 1.609344),
    "kmh": ("kmh", 1),
    "feet": ("metre", 0.3048),
    "foot": ("metre", 0.3048),
    "ft": ("metre", 0.3048),
    "inch": ("metre", 0.0254),
    "kilogram": ("kilogram", 1),
    "kilo": ("kilogram", 1),
    "kg": ("kilogram", 1),
    "tonn": ("kilogram", 1000),
    "ton": ("kilogram", 1000),
    "lb": ("kilogram", 0.45359237),
    "acr": ("hectare", 0.404686),
    "hectar": ("hectare", 1),
    "barrel": ("barrel", 1),
    "megawatt": ("megawatt", 1),
    "gigawatt": ("megawatt", 1000),
}
HEAT = {
    "C": "celsius",
    "Celsius": "celsius",
    "celsius": "celsius",
    "centigrade": "celsius",
    "F": "fahrenheit",
    "Fahrenheit": "fahrenheit",
    "fahrenheit": "fahrenheit",
}
"""Scales of temperature as they are written behind a number, with "degrees" or without."""
PERCENT = frozenset({"percent", "percentage", "%", "pc", "pct"})

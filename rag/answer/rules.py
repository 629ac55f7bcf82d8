"""The rules that make or change an answer beside the checks and strategies, by name.

`AnswerSettings.without` leaves any of them out, so that each can be measured alone.
"""

from __future__ import annotations

from collections.abc import Mapping

RULES: Mapping[str, str] = {
    "rated": "what rules go by is read by the cross-encoder, not only matched by words",
    "read": "which words of a sentence answer is read by the extractive reader, not told by rules",
    "period": "what tells of another time than the question names is not read",
    "day": "asked when, the sentence that says so comes first, of several events the last one's",
    "who": "asked who somebody is, the sentence with a role or an apposition comes first",
    "speaker": "who is asked what he said is quoted first",
    "value": "the sentence with the value that is asked for comes first",
    "latest": "of a state, the newest report comes first",
    "short name": "a state is looked for under the short form of a name too",
    "resolved": "what a description names is found first, and the question asked of that",
    "earlier": "earlier reports of a state are shown below the newest",
    "sides": "of two who are asked about, each has its own sentence",
    "shared": "who is described out of several reports is the name that they share",
    "figures": "numbers and days that differ are set side by side",
    "heard": "two numbers that two voices give, in whatever words, are set side by side",
    "causes": "causes that two sources name, and that have nothing in common, are set side by side",
    "twins": "sentences of two articles that are alike but for one value are set side by side",
    "premise": "a deed that no article has a word for is not taken for granted",
    "intent": "what is asked of the archive in words of one's own is told by a learned model",
    "weekday": "the day behind a weekday is written beside it",
}
"""Every rule by its name, with what it does."""

"""Whether a text asks its reader to do something: what tells a task from prose about one.

Belongs here: how sentences ask. Does not: marks of tasks (``taskmarks.py``), where tasks stand
(``exercises.py``).

"Exercise: it is good for your health" and "Problem 2: the mailbox grows" have the words of a mark
and set no task. A task is worded as one somewhere: a question, a verb that orders, what "you
should" do; or it is the title of one.
"""

from __future__ import annotations

import re

__all__ = ["VERBS", "asks"]

VERBS = (  # that order, and seldom begin a sentence otherwise
    "write|implement|define|create|change|modify|extend|use|explain|show|find|add|build|compute"
    "|calculate|rewrite|replace|make|prove|describe|draw|convert|solve|test|predict|design|compare"
    "|list|name|give|refactor|complete|fix|run|decide|determine|remove|sort|count|turn|let"
)
_MORE = (
    "try|consider|discuss|experiment|read|repeat|answer|guess|think|look|open|start|play|check"
    "|rename|install|sketch|practi[cs]e|print|translate|verify|improve|apply|adapt|reverse"
    "|evaluate|go|come up with|figure out|work out|do|return"
)
_ASKS = re.compile(
    r"[\W\d_]{0,12}(?:"
    r"(?:(?:now|then|next|please|try to|can you|could you|again|also|instead|first|finally)\W+"
    r"|(?:using|with|given|in|for|if|as|without|after|before|once|starting)\b[^.?!]{0,90},\s*)?"
    rf"(?:{VERBS}|{_MORE})\b"
    r"|[^.!]{3,300}\?(?:\W|$)"
    r"|[^.!?]{0,90}\b(?:your (?:task|job|goal|mission|turn|version|function|module)"
    r"|you (?:should|need to|have to|must|are to|will (?:write|build|need))"
    r"|(?:we|i)(?:'d| would) like you to|is to (?:write|build|implement|make|find))\b)",
    re.I,
)
_ORDERS = re.compile(  # a verb that nobody listed, and what it is about
    r"[\W\d_]{0,12}(?!(?:and|or|but|so|because|when|while|where|which|that|then|not|even|only|just"
    r"|is|are|was|were|has|have|had|with|without|of|for|from|to|in|on|at|by|as|if|all|both|half"
    r"|such|what|how|why|who|once|after|before|until|unless|than|like|about|over|under|behind"
    r"|inside|within|into|per|see|note|remember|recall|also|again|every|each|any|some)\b)"
    r"(?![a-z]*(?:ing|ly|ion|ness|ment|s|ed)\b)[a-z-]{3,14}\s+"
    r"(?:the|an?|your|this|these|each|every|all|both|two|three|it|its|one|some|any|another)\b",
    re.I,
)  # fmt: skip
_SENTENCES = re.compile(r"(?<=[.!?:])[\s\"'\u201d)]+|\n+|;\s+|,\s+(?:then|and)\s+")
_TITLE_WORDS = 8


def asks(text: str) -> bool:
    """Whether a text that stands behind the mark of a task sets one."""
    words = text.strip(" *_")
    if not words:
        return True  # what follows does
    plain = words.rstrip("*_ ")
    titled = words[:1].isupper() and plain[-1:] not in ".!;," and "." not in plain
    if titled and len(plain.split()) <= _TITLE_WORDS:
        return True
    return any(_ASKS.match(one) or _ORDERS.match(one) for one in _SENTENCES.split(words))

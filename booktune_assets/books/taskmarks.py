"""How books word tasks and answers: marks, labels, titles of sections.

Belongs here: the patterns, and what one text says by itself. Does not: which stretches of a book
they begin (``exercises.py``).
"""

from __future__ import annotations

import re

from booktune_assets.books.asked import asks
from booktune_assets.books.spoken import plain

__all__ = [
    "ANSWER", "CLEAR", "LOOSE", "PLAIN_ANSWER", "TASK", "mark_of", "role_of", "says_only",
]  # fmt: skip

_NUM = r"(?P<number>[A-Z]?\d+(?:[.\-\u2011]\d+)*)(?!\w|[.-]\d)"
_END = r"(?:\s*[.:)\]\u2014\u2013*_-]|\s*$|\s+(?=(?-i:[A-Z(\"\u201c`])))"
_NAMES = "exercise|challenge|problem|task|puzzle|quiz"
TASK = re.compile(rf"[*_]*(?:{_NAMES})\s+{_NUM}{_END}", re.I)
_ANSWER_NUM = rf"[*_]*(?:answers?|solutions?)(?:\s+(?:to|for))?(?:\s+(?:{_NAMES}))?\s+{_NUM}"
ANSWER = re.compile(rf"{_ANSWER_NUM}{_END}", re.I)
LOOSE = re.compile(rf"{_ANSWER_NUM}\s", re.I)  # "Answer 2.1 when x > 1"
PLAIN_ANSWER = re.compile(
    r"[*_]*(?:(?:(?:show|see|view|reveal|open|expand|check|click (?:here )?(?:for|to \w+))\s+)?"
    r"(?:(?:an?|the|my|our|one|example|sample|possible|suggested)\s+){0,2}(?:answer|solution)s?"
    r"(?P<label>[*_]*\s*[:.]?[*_]*\s*$)|(?:answer|solution)[*_]*\s*[.:\u2014][*_]*\s)",
    re.I,
)
_BARE = re.compile(
    r"[*_]*\(?(?:(?P<said>[QA])(?:uestion|nswer)?\s?)?(?P<number>\d+(?:[.\-\u2011]\d+)*)[.):]\s"
    r"|(?P<dotted>\d+(?:\.\d+)+)\s|(?P<dashed>\d+(?:[-\u2011]\d+)+)\s+(?=[^\W\da-z])"
)
_ASKED = re.compile(r"[*_]*(?P<said>[QA])(?:uestion|nswer)?\s?[*_]*[:.][*_]*\s")
_OF = r"(?:\s+(?:for|to)\b.*|\s+[A-Z]?\d.*|\s*[:.\u2014\u2013].*)?"
_TASKS = re.compile(
    r"(?:(?:chapter|section|review|practice|programming|coding)\s+(?:\d+\s+)?)?(?:exercises?"
    r"|problems|challenges?|your turn!?|try it(?: yourself| out)?!?|practice|homework|quiz"
    r"|things to try|(?:(?:review|study|discussion)\s+)?questions"
    r"|check your (?!answer|solution|work)\w+|test your(?:self| \w+)"
    r"|self[- ](?:check|test|assessment)|knowledge check)"
    r"(?:\s+(?:for|to|from)\s+(?:the\s+|this\s+)?(?:chapter|section|part)\b.*|\s+\d.*|\s*:.*)?",
    re.I,
)  # fmt: skip
_ANSWERS = re.compile(
    r"(?:appendix(?:\s+[A-Z])?\s*[:.\u2014\u2013]?\s+)?"
    r"(?:(?:selected|chapter|model|our|sample|suggested|possible|exercises?|challenges?|problems?"
    r"|quiz|puzzles?|practice|homework|review questions?|your turn|try it(?: yourself| out)?)\s+"
    r"(?:\d+\s+)?){0,2}(?:answers?|solutions?)"
    rf"(?:\s+and\s+hints)?{_OF}",
    re.I,
)  # fmt: skip
CLEAR = re.compile(r"exercise|your turn|try it|homework|things to try|answer|solution", re.I)
_OWN = (
    r"your turn|(?:(?:coding|programming|quick|mini|short)[- ])?exercise|try (?:it|this) yourself"
)
_LEAD = re.compile(  # "Your turn: write …"
    rf"[\W_]{{0,6}}(?:(?:{_OWN}|homework)\s*[*_]*\s*[:!\u2014\u2013][*_]*\s+(?=\S)"
    rf"|(?:your turn|exercise)[*_]*\.[*_]*\s+(?=(?-i:[A-Z`])))", re.I,
)  # fmt: skip
_LEAD_BOX = re.compile(  # of a box, whose label may be told from the text by its type alone
    rf"[\W_]{{0,6}}(?:(?:{_OWN})[*_]*\.[*_]*\s|(?:your turn|try (?:it|this) yourself)[*_]*\s+)"
    rf"(?=(?-i:[A-Z`]))", re.I,
)  # fmt: skip
_TURN = re.compile("your turn|try (?:it|this) yourself", re.I)  # said of nothing but tasks
_TOLD = re.compile(r"[*_]*(?:problem|challenge|task|puzzle)\b", re.I)
_SAID = {"Q": "exercise", "A": "answer"}


def mark_of(text: str, role: str, *, box: bool = False) -> tuple[str, str] | None:
    """("exercise" or "answer", number) of a text that begins with such a mark.

    ``role`` is what the section around it is: of "exercise", "answer" or nothing. ``box``: it
    stands in one.
    """
    if found := ANSWER.match(text):
        return "answer", plain(found["number"])
    if found := TASK.match(text):
        # books count their problems, too, and what they tell of; in a section of tasks all count
        if not role and _TOLD.match(text) and not asks(text[found.end() :]):
            return None
        return "answer" if role == "answer" else "exercise", plain(found["number"])
    if PLAIN_ANSWER.match(text):
        return "answer", ""
    lead = None if role else _LEAD.match(text) or (box and _LEAD_BOX.match(text))
    if lead and (_TURN.search(lead.group()) or asks(text[lead.end() :])):
        return "exercise", ""
    if role and (found := _BARE.match(text)):
        number = plain(found["number"] or found["dotted"] or found["dashed"])
        return role if role == "answer" else _SAID.get(found["said"] or "", role), number
    if role == "exercise" and (found := _ASKED.match(text)):
        return _SAID[found["said"]], ""
    return None


def role_of(title: str) -> str:
    """ "answer" or "exercise" where a title calls its section so, else nothing."""
    if _ANSWERS.fullmatch(title):
        return "answer"
    return "exercise" if _TASKS.fullmatch(title) else ""


def says_only(text: str) -> bool:
    """Whether a text is nothing but a mark: "Exercise 3", "Answer to 3", "Your turn"."""
    found = ANSWER.match(text) or TASK.match(text)
    if found is not None:
        return not text[found.end() :].strip(" *_")
    said = _TASKS.fullmatch(text.strip(" *_"))
    return said is not None and bool(CLEAR.search(text)) and ":" not in text.rstrip(" :")

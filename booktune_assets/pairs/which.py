"""From a meaning to its entry: the rows of a table or list, asked the other way round.

Belongs here: which meanings lead to one entry and no other. Does not: finding entries
(``entries.py``, ``tables.py``), definitions (``naming.py``).

A model that has learned what an option does has not learned which option does it (Berglund et al.
2023), so both are asked, where the meaning stands alone, does not say the name, and is no other's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from booktune_assets.pairs.candidate import Candidate, Quote, View
from booktune_assets.pairs.phrases import keys
from booktune_assets.pairs.prose import leans
from booktune_assets.pairs.wording_code import ask_code

__all__ = ["which_entry"]

WORDS = (5, 40)  # of a meaning
OWN_MIN = 3  # words that no other entry of the same table has together
_STEM = 4  # letters in which a word of the name may be told
_POINTER = re.compile(r"\b(?:it|its|they|their|this|that|these|those|same|default)\b|[?:]$", re.I)


def which_entry(
    view: View, quotes: Sequence[Quote], thing: str, entry: str, meaning: str, topic: str,
    others: Sequence[str],
) -> Candidate | None:  # fmt: skip
    """The candidate that asks for the entry, or None when its meaning does not do alone.

    ``entry`` is as it is named in a text, ``others`` are the meanings of its neighbours.
    """
    language = view.subject or view.language
    told = meaning.rstrip(" .;")
    if not topic or not language or not WORDS[0] <= len(told.split()) <= WORDS[1]:
        return None
    if _POINTER.search(told) or leans(f"{told}.") or '"' in told or _says(told, entry):
        return None
    own = keys(told)
    if any(len(own - keys(other)) < OWN_MIN for other in others):
        return None
    block = quotes[0].block_id
    words = ask_code(
        "which_entry", f"{block}:{entry}:which", thing=thing, meaning=told, topic=topic,
        language=language,
    )  # fmt: skip
    first = told[:1].lower() if told[1:2].islower() else told[:1]
    answer = f"The {thing} is {entry}: {first}{told[1:]}."
    return Candidate(
        "define", block, "", "theory", words, answer, list(quotes), glue=(answer,),
        borrowed=f"{told}, {topic}", entry=entry.strip("`"),
    )  # fmt: skip


def _says(told: str, entry: str) -> bool:
    """Does the meaning hold a word of the name, or the beginning of one?"""
    said = [word.lower() for word in re.findall(r"[A-Za-z]{2,}", told)]
    for part in re.findall(r"[A-Za-z]{2,}", entry):
        name = part.lower()
        told_in = (word.startswith(name[:_STEM]) or (len(word) >= _STEM and word in name)
                   for word in said)  # fmt: skip
        if any(told_in):
            return True
    return False

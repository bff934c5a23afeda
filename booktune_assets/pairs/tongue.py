"""Natural language of prose, and code blocks that are no program but commands for a shell.

Belongs here: telling both from the text. Does not: what is done about it (``extract.py``),
languages of programs (``beam/grammar.py``).

A question of the bank is English, so its answer has to be. Words that nearly every sentence of a
language has tell it; words that two of the languages share are in no table.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from booktune_assets.pairs.candidate import PROSE, Candidate

__all__ = ["as_shell", "foreign", "is_commands", "spoken_of", "tongue", "tongues"]

_WORDS: Mapping[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in {
        "en": "the of and to is that it for with as are this be by not or which from have has you "
        "can its when at an if will they we their does into there how what",
        "de": "der und das den von zu mit sich des auf nicht ein eine einen einem einer ist sind "
        "dem auch wird werden als wenn oder aber durch kann wie bei nach nur noch dass für über",
        "fr": "le les et du une dans qui pour pas est sur sont avec ce cette il elle nous vous au "
        "aux ou mais plus par être fait leur ces donc où peut comme",
        "es": "el los las y del una que en por con para es son como pero su sus este esta lo más "
        "cuando se puede también ser hay está muy sin",
        "it": "il gli di che della nel sono per è una del dei delle con non si anche come più "
        "questo questa viene essere può alla dal",
        "pt": "os as um uma da dos das em não com por para que é são mais como mas seu sua este "
        "esta ao pela também quando pode ser você",
        "nl": "het een van en dat niet zijn voor op met wordt worden aan ook bij als deze naar kan "
        "door maar uit je hebben",
        "pl": "się nie jest na że do jak przez są lub który która które oraz dla po może być tym",
        "sv": "och att det som en på är av för med till den inte om ett kan eller från så vi har",
    }.items()
}
_SHARE = 0.12  # of the words, from which on they are in one of the other languages
_WORDS_LEAST = 12  # fewer tell nothing: the book decides
_STRANGE = re.compile(r"[^\x00-\u024f]")  # beyond the Latin letters
_LETTERS, _MARKED = re.compile(r"[^\W\d_]+"), re.compile(r"`[^`]*`")
_FOREIGN = 0.3  # of the letters, from which on a text is in another script

_PROMPT = re.compile(r"^\s*\$\s+\S")
_COMMAND = re.compile(
    r"\s*(?:\$ +)?(?:sudo +)?(?:mix|iex|cd|git|elixirc?|erlc?|rebar3?|make|docker(?:-compose)?|apt"
    r"(?:-get)?|brew|asdf|npm|npx|yarn|mkdir|touch|cp|mv|rm|ls|cat|echo|curl|wget|tar|chmod|ssh|"
    r"psql|createdb|kubectl|fly|heroku|pip|export|source)"
    r"(?:\s*$|\s+(?!(?:[=|<>+*]|->|-\s|do\b))[\w./~@:\"'$<\[-])"
)


def tongue(text: str) -> str:
    """``en``, ``de``, ``fr`` …, ``other`` for another script; empty when there is too little."""
    strange = sum(map(str.isalpha, _STRANGE.findall(text)))
    if strange >= _WORDS_LEAST and strange > _FOREIGN * sum(map(str.isalpha, text)):
        return "other"
    words = Counter(_LETTERS.findall(_MARKED.sub(" ", text).lower()))
    if (size := words.total()) < _WORDS_LEAST:
        return ""
    shares = {name: sum(words[word] for word in known) for name, known in _WORDS.items()}
    best = max(shares, key=lambda name: shares[name])  # the first of the table when equal
    if shares[best] < _SHARE * size:
        return ""  # a list of names, say
    return best if shares[best] > 1.5 * shares["en"] else "en"


def tongues(rows: Mapping[str, Iterable[Mapping[str, Any]]]) -> dict[str, str]:
    """Language by section, of its prose; of one that says too little, that of the whole book."""
    said = {
        name: "\n".join(one["text"] for one in own if one["kind"] in PROSE)
        for name, own in rows.items()
    }
    found = {name: tongue(text) for name, text in said.items()}
    sizes: dict[str, int] = {}
    for name, lang in found.items():
        if lang:
            sizes[lang] = sizes.get(lang, 0) + len(said[name])
    book = max(sorted(sizes), key=lambda lang: sizes[lang], default="en")
    return {name: lang or book for name, lang in found.items()}


def spoken_of(texts: Iterable[str]) -> str:
    """``Elixir`` or ``Erlang``, which a book without code of either speaks of most; else empty."""
    counts = {"Elixir": 0, "Erlang": 0}
    for text in texts:
        for name in counts:
            counts[name] += text.count(name)
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else ""


def foreign(candidate: Candidate, lang: str, kinds: Mapping[str, str]) -> bool:
    """Does prose that is not English go into it? ``kinds`` are those of the section's blocks."""
    if lang == "en":
        return False
    return any(kinds.get(quote.block_id, "prose") in PROSE for quote in candidate.quotes)


def is_commands(text: str) -> bool:
    """Is each line a command for the system's shell (``mix new people``), or output of one?"""
    lines = [line for line in text.split("\n") if line.strip()]
    told = [line for line in lines if not line.lstrip().startswith("#")]
    if not told:
        return False
    if _PROMPT.match(told[0]):
        return True
    after = [False, *(line.rstrip().endswith("\\") for line in told[:-1])]
    return all(on or _COMMAND.match(line) for on, line in zip(after, told, strict=True))


def as_shell(row: dict[str, Any]) -> dict[str, Any]:
    """The block; as one of no language that is known here when it is only commands."""
    if row["kind"] == "code" and row["lang"] in ("elixir", "erlang") and is_commands(row["text"]):
        return {**row, "lang": "other"}
    return row

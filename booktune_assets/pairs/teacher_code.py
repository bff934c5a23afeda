"""The code of a teacher's answer as programs to run.

Belongs here: which code has to run, with which listings of the passage before it. Does not: running
(``execute.py``), what comes of it (``outcomes.py``).

Code that the model wrote itself has to compile and run, if all that it uses is at hand. Code that
it copied is the book's, whose listings may well be fragments: it is run to know, and refuses
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from booktune_assets.beam.alone import Piece, Program
from booktune_assets.beam.structure import structure
from booktune_assets.pairs.candidate import Candidate
from booktune_assets.pairs.given import in_module
from booktune_assets.pairs.outcomes import AS_SAID, Trial
from booktune_assets.pairs.posed import Block, needed_listings
from booktune_assets.pairs.recipes.base import Passage
from booktune_assets.pairs.rules import fences
from booktune_assets.pairs.trials import typed_pieces

__all__ = ["same_value", "trials_of", "valued"]

_SHELLS = ("iex", "erl_shell")
_TAGS = {"elixir": "elixir", "iex": "iex", "erlang": "erlang", "erl": "erl_shell"}
_SAYS_NOTHING = frozenset(("", ":ok", "ok", "nil", "true", "false"))


def trials_of(code: Sequence[tuple[str, str]], passage: Passage) -> tuple[Trial, ...]:
    """A trial for each piece of Elixir or Erlang in an answer, given as (language, text)."""
    return tuple(trial for lang, text in code if (trial := _trial(lang, text, passage)))


def valued(answer: str, passage: Passage) -> Candidate | None:
    """The last code of an answer as what is typed at a prompt, to see the value that comes of it.

    None when it holds no Elixir or Erlang, or nothing that could be typed.
    """
    codes = [(_TAGS[tag], text) for tag, text in fences(answer) if tag in _TAGS]
    if not codes:
        return None
    lang, text = codes[-1]
    typed = [one.text for one in typed_pieces(text, lang)] if lang in _SHELLS else [text.strip()]
    if not typed or not typed[-1]:
        return None
    before, _ = _before(lang, text, passage)
    pieces = (*before, *(Piece("typed", _language(lang), one) for one in typed))
    trial = Trial(Program(pieces, hasty=True), "runs", needed=False)
    return Candidate("open_question", "", lang, "code", "", answer, [], trials=(trial,))


def same_value(one: Candidate, two: Candidate) -> bool:
    """Did both give one value, and one that says something?"""
    values: list[str] = []
    for candidate in (one, two):
        found = candidate.outcomes[0] if candidate.outcomes else None
        if found is None or any(piece.verdict not in AS_SAID for piece in found):
            return False
        values.append(" ".join(found[-1].actual.split()))
    return values[0] == values[1] and values[0] not in _SAYS_NOTHING


def _trial(lang: str, text: str, passage: Passage) -> Trial | None:
    if not text.strip():
        return None
    before, missing = _before(lang, text, passage)
    language = _language(lang)
    if lang in _SHELLS:
        own = typed_pieces(text, lang)
    else:
        own = [Piece("listing", language, in_module(text, language))]
    if not own:
        return None
    copied = " ".join(text.split()) in " ".join(passage.text.split())
    return Trial(Program((*before, *own)), "runs", needed=not copied and not missing)


def _before(lang: str, text: str, passage: Passage) -> tuple[list[Piece], str]:
    """Listings of the passage that the code uses, and what is missing."""
    known: dict[str, Block] = {}
    for one in passage.blocks:
        if one.kind == "code":
            row: Block = {
                "block_id": one.block_id, "lang": one.lang, "text": one.text, "kind": one.kind,
                "char_start": one.start,
            }  # fmt: skip
            known |= {module.name: row for module in structure(one.text, one.lang).modules}
    shell = "iex" if _language(lang) == "elixir" else "erl_shell"
    listings, missing = needed_listings(text, known, shell)
    return [Piece("listing", _language(one["lang"]), one["text"]) for one in listings], missing


def _language(lang: str) -> Literal["elixir", "erlang"]:
    return "erlang" if lang in ("erlang", "erl_shell") else "elixir"

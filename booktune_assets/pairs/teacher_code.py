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
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.posed import Block, needed_listings
from booktune_assets.pairs.recipes.base import Passage
from booktune_assets.pairs.trials import typed_pieces, wrapped

__all__ = ["trials_of"]

_SHELLS = ("iex", "erl_shell")


def trials_of(code: Sequence[tuple[str, str]], passage: Passage) -> tuple[Trial, ...]:
    """A trial for each piece of Elixir or Erlang in an answer, given as (language, text)."""
    return tuple(trial for lang, text in code if (trial := _trial(lang, text, passage)))


def _trial(lang: str, text: str, passage: Passage) -> Trial | None:
    if not text.strip():
        return None
    language = _language(lang)
    shell = "iex" if language == "elixir" else "erl_shell"
    known: dict[str, Block] = {}
    for one in passage.blocks:
        if one.kind == "code":
            row: Block = {
                "block_id": one.block_id, "lang": one.lang, "text": one.text, "kind": one.kind,
                "char_start": one.start,
            }  # fmt: skip
            known |= {module.name: row for module in structure(one.text, one.lang).modules}
    listings, missing = needed_listings(text, known, shell)
    before = [Piece("listing", _language(one["lang"]), one["text"]) for one in listings]
    if lang in _SHELLS:
        own = typed_pieces(text, lang)
    else:
        own = [Piece("listing", language, wrapped(text, language))]
    if not own:
        return None
    copied = " ".join(text.split()) in " ".join(passage.text.split())
    return Trial(Program((*before, *own)), "runs", needed=not copied and not missing)


def _language(lang: str) -> Literal["elixir", "erlang"]:
    return "erlang" if lang in ("erlang", "erl_shell") else "elixir"

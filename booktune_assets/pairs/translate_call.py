"""Family ``translate``, of calls: an Erlang function called in Elixir, and the same in Erlang.

Books in Elixir rarely show both languages side by side, but they call Erlang's library. The
question holds the call as Erlang writes it (``beam/crossing.py``), the answer is the book's. Both
are run: only what gives the same is kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from booktune_assets.beam.alone import Piece, Program
from booktune_assets.beam.crossing import as_erlang
from booktune_assets.pairs.candidate import Candidate, View, fenced
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.posed import VOLATILE, Posed, posed
from booktune_assets.pairs.translate import compared
from booktune_assets.pairs.wording_code import ask_code

__all__ = ["translate_call"]

CODE_MIN = 12  # characters


def translate_call(view: View) -> Iterator[Candidate]:
    """One candidate for each function that a section calls."""
    seen: set[str] = set()
    for one in posed(view, fit=_fit):
        erlang = as_erlang(one.entry.expression) or ""
        if (name := erlang.partition("(")[0]) in seen:
            continue
        seen.add(name)
        yield _candidate(view, one, erlang)


def _fit(one: Posed) -> bool:
    said = one.entry.expression
    if one.lang != "elixir" or one.problem or one.fails or one.setup or one.listings:
        return False
    if VOLATILE.search(said):  # a number drawn twice may be the same by chance
        return False
    return len(said) >= CODE_MIN and as_erlang(said) is not None


def _candidate(view: View, one: Posed, erlang: str) -> Candidate:
    block, said = one.block, one.entry.expression
    words = ask_code("translate_call", f"{block['block_id']}:{one.entry.start}")
    both = Piece("typed", "erlang", f"{erlang}."), Piece("typed", "elixir", said)
    return Candidate(
        "translate", block["block_id"], "elixir", "code",
        f"{words}\n\n{fenced(f'{erlang}.', 'erlang')}", fenced(said, "elixir"),
        [view.quote(block, one.entry.start, one.entry.typed_end, "answer")],
        [("erlang", f"{erlang}."), ("elixir", said)],
        trials=tuple(Trial(Program((piece,)), "tells") for piece in both), finish=compared,
    )  # fmt: skip

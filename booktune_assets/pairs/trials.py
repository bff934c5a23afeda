"""What of a block of code is run to verify an answer or a question that shows it.

Belongs here: programs of whole listings and sessions with the listings they need. Does not:
programs of single exchanges (``posed.py``), running (``execute.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from booktune_assets.beam.alone import Piece, Program
from booktune_assets.beam.compare import shown_error
from booktune_assets.pairs.candidate import View
from booktune_assets.pairs.given import whole
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.posed import (
    Block,
    Posed,
    documented,
    listings_of,
    modules_in,
    needed_listings,
    posed,
    section_modules,
)
from booktune_assets.pairs.predict import ELIDED, OPAQUE
from booktune_assets.pairs.sessions import entries

__all__ = [
    "doc_tests", "examples_of", "listing_pieces", "listing_trial", "plain_trials",
    "session_trial", "tests_of", "use_trials",
]  # fmt: skip

EXAMPLES_MAX = 3
USES_MAX = 2
_SAYS_NOTHING = frozenset((":ok", "ok", "nil", "true"))


def listing_pieces(view: View, block: Block) -> list[Piece]:
    """A listing after those of its section that it needs."""
    lang = _lang(block["lang"])
    shell = "iex" if lang == "elixir" else "erl_shell"
    needed, _ = needed_listings(block["text"], section_modules(view, block), shell)
    others = [one for one in needed if one["block_id"] != block["block_id"]]
    pieces = [Piece("listing", _lang(one["lang"]), one["text"]) for one in others]
    return [*pieces, Piece("listing", lang, whole(block["text"], lang))]


def listing_trial(view: View, block: Block, *, needed: bool) -> Trial:
    """Does the listing compile, or run?"""
    return Trial(Program(tuple(listing_pieces(view, block))), "runs", needed)


def typed_pieces(text: str, shell: str) -> list[Piece]:
    """All that is typed in a session, each with what the session shows for it."""
    lang = "elixir" if shell == "iex" else "erlang"
    return [
        Piece("typed", lang, one.expression, one.result, shown_error(one.result, lang))
        for one in entries(text, shell)
    ]


def session_trial(view: View, block: Block, *, needed: bool) -> Trial | None:
    """Does the session give what it shows, after what it needs? None when nothing is typed."""
    own = typed_pieces(block["text"], block["kind"])
    if not own:
        return None
    before: dict[str, Block] = {}
    setup: dict[int, Piece] = {}
    for one in (one for one in posed(view) if one.block["block_id"] == block["block_id"]):
        before |= {listing["block_id"]: listing for listing in one.listings}
        for line in one.setup:
            if line.block["block_id"] != block["block_id"]:
                setup[line.order] = Piece("typed", one.lang, line.entry.expression)
    pieces = [Piece("listing", _lang(one["lang"]), one["text"]) for one in before.values()]
    earlier = [setup[place] for place in sorted(setup)]
    return Trial(Program((*pieces, *earlier, *own)), "runs", needed)


def examples_of(view: View, block: Block, name: str = "") -> list[Posed]:
    """Exchanges of the section whose values rest on the listing, those with least setup first.

    ``name``: of a function; examples that call it come alone when there are some.
    """
    found = [
        one
        for one in posed(view)
        if not one.problem
        and not one.fails
        and not OPAQUE.search(one.entry.result)
        and not ELIDED.search(one.entry.result)
        and one.entry.result.strip() not in _SAYS_NOTHING
        and any(listing["block_id"] == block["block_id"] for listing in one.listings)
    ]
    calls = [one for one in found if name and re.search(rf"\b{re.escape(name)}\b", one.typed[-1])]
    found = calls or found
    return sorted(found, key=lambda one: (len(one.setup), one.entry.start))[:EXAMPLES_MAX]


def tests_of(examples: Iterable[Posed], *, needed: bool) -> list[Trial]:
    """The examples as tests of the listing."""
    return [Trial(one.program(), "value", needed, tests=True) for one in examples]


def doc_tests(view: View, block: Block) -> list[Trial]:
    """The examples in a listing's own documentation, as tests that it may well fail."""
    if block["lang"] != "elixir":
        return []
    before = listing_pieces(view, block)
    return [
        Trial(Program((*before, Piece("typed", "elixir", *one))), "value", needed=False, tests=True)
        for one in documented(block["text"])[:EXAMPLES_MAX]
    ]


def use_trials(view: View, block: Block) -> list[Trial]:
    """Code of the section that calls the listing's modules: does it run with them?"""
    own = {name for name in modules_in(block) if name[:1].isupper()}
    if not own or block["lang"] != "elixir":
        return []
    known = dict(view.lent)
    for one in listings_of(view):
        known |= modules_in(one)
    found: list[Trial] = []
    for one in listings_of(view):
        if modules_in(one) or one["lang"] != "elixir" or len(found) == USES_MAX:
            continue
        needed, missing = needed_listings(one["text"], known, "iex")
        if missing or not any(listing["block_id"] == block["block_id"] for listing in needed):
            continue
        pieces = [Piece("listing", _lang(x["lang"]), x["text"]) for x in (*needed, one)]
        found.append(Trial(Program(tuple(pieces)), "runs", needed=False))
    return found


def plain_trials(code: Iterable[tuple[str, str]]) -> tuple[Trial, ...]:
    """Does the code of an answer run as it stands there? Nothing is refused for it."""
    pieces: list[Piece] = []
    for lang, text in code:
        if lang in ("iex", "erl_shell"):
            pieces += typed_pieces(text, lang)
        elif lang in ("elixir", "erlang"):
            pieces.append(Piece("listing", _lang(lang), whole(text, lang)))
    return (Trial(Program(tuple(pieces)), "runs", needed=False),) if pieces else ()


def _lang(lang: str) -> Literal["elixir", "erlang"]:
    return "erlang" if lang in ("erlang", "erl_shell") else "elixir"

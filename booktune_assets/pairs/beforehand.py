"""What a shell session rests on that stands outside of it: listings, and lines typed before.

Belongs here: finding them, and how a question shows them. Does not: what a single exchange rests on
(``posed.py``).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from booktune_assets.pairs.candidate import Quote, View, fenced
from booktune_assets.pairs.posed import Block, Line, modules_in, posed
from booktune_assets.pairs.sessions import bound

__all__ = ["Before", "before"]


@dataclass(slots=True)
class Before:
    """``listings`` and ``lines`` in the order of the book; ``problem``: what is not shown."""

    lang: str = "elixir"
    listings: list[Block] = field(default_factory=list[Block])
    lines: list[Line] = field(default_factory=list[Line])
    problem: str = ""

    def parts(self) -> list[str]:
        """Parts of a question, after its words."""
        found: list[str] = []
        if self.listings:
            loaded = [fenced(one["text"], one["lang"]) for one in self.listings]
            found += ["This is loaded:", *loaded]
        if self.lines:
            typed = "\n".join(line.entry.expression for line in self.lines)
            found += ["This was evaluated before:", fenced(typed, self.lang)]
        return found

    @property
    def parses(self) -> bool:
        """Can all of it be read? A line that a mark of the page breaks cannot."""
        from booktune_assets.beam.grammar import parses

        told = [(one["text"], one["lang"]) for one in self.listings]
        told += [(line.entry.expression, self.lang) for line in self.lines]
        return all(parses(text, lang) is not False for text, lang in told)

    def quotes(self, view: View) -> list[Quote]:
        """Verbatim places of all that is shown."""
        found = [view.quote(one, 0, len(one["text"]), "question") for one in self.listings]
        for line in self.lines:
            start, end = line.entry.start, line.entry.typed_end
            found.append(view.quote(line.block, start, end, "question"))
        return found

    def names(self) -> set[str]:
        """What is bound or defined there."""
        shell = "iex" if self.lang == "elixir" else "erl_shell"
        found = {name for one in self.listings for name in modules_in(one)}
        for line in self.lines:
            found |= bound(line.entry.expression, shell)
        return found


def before(view: View, block: Block) -> Before:
    """What a session needs; nothing for a listing, which shows itself."""
    if block["kind"] not in ("iex", "erl_shell"):
        return Before()
    made = Before("elixir" if block["kind"] == "iex" else "erlang")
    every = [*posed(view), *posed(view, told=False)]
    own = [one for one in every if one.block["block_id"] == block["block_id"]]
    listings = {one["block_id"]: one for other in own for one in other.listings}
    lines: dict[int, Line] = {}
    for one in own:
        made.problem = made.problem or one.problem
        for line in one.setup:
            if line.block["block_id"] != block["block_id"]:
                lines[line.order] = line
    made.listings = [one for name, one in listings.items() if name != block["block_id"]]
    made.lines = [lines[place] for place in sorted(lines)]
    return made

"""The words that show an edge: a sentence or a line of code, by place, verbatim.

Belongs here: the choice of one place for each edge. Does not: scores (``edges.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from booktune_assets.concepts.edges import Edge
from booktune_assets.concepts.found import Concept, Mention
from booktune_assets.concepts.opened import Opened, Row, is_code
from booktune_assets.concepts.sentences import Sentence, split_sentences
from booktune_assets.concepts.signals import CUES

__all__ = ["Evidence", "Shown"]

_KINDS = ("quote", "cue", "definition", "text", "reference", "code")
_RANKS = {"cue": 0, "definition": 1, "text": 2}
_BLANK = re.compile(r"\s")
_LONG = 400  # characters of a quote, at most


@dataclass(frozen=True, slots=True)
class Evidence:
    """``block["text"][start:end]`` shows the edge; ``kind`` as in the table."""

    kind: str
    block: Row
    start: int
    end: int

    @property
    def rank(self) -> int:
        """0 is best: words that say so."""
        return _KINDS.index(self.kind)

    @property
    def quote(self) -> str:
        """The words themselves."""
        return str(self.block["text"][self.start : self.end])


class Shown:
    """Places of mentions by section, for one book."""

    def __init__(self, book: Opened, concepts: Mapping[str, Concept]) -> None:
        self._concepts = concepts
        self._blocks = {row["block_id"]: row for _, row in book.blocks}
        self._by_section: dict[tuple[str, int], list[Mention]] = {}
        self._in_block: dict[tuple[str, str], list[Mention]] = {}  # of words
        for label, one in concepts.items():
            for mention in one.mentions:
                if mention.how in ("text", "definition", "code"):
                    self._by_section.setdefault((label, mention.section), []).append(mention)
                if mention.how in ("text", "definition"):
                    block = str(mention.block["block_id"])
                    self._in_block.setdefault((label, block), []).append(mention)
        self._references: dict[tuple[int, int], Evidence] = {}

    def add_references(self, found: Sequence[tuple[int, int, str, int, int]]) -> None:
        """(section, section meant, block id, first, last character in the block) of references."""
        for source, target, block_id, start, end in found:
            block = self._blocks.get(block_id)
            if block is not None:
                made = Evidence("reference", block, start, end)
                self._references.setdefault((source, target), made)

    def of(self, edge: Edge) -> Evidence | None:
        """The best place in the home of the target; the first of equals."""
        if edge.quote is not None and edge.quote[0] in self._blocks:
            block = self._blocks[edge.quote[0]]
            start = block["text"].find(edge.quote[1])
            if start >= 0:
                return Evidence("quote", block, start, start + len(edge.quote[1]))
        if defined := self._defining(edge):
            return defined
        homes = sorted(self._concepts[edge.target].homes())
        best: tuple[tuple[bool, int], Evidence] | None = None
        for mention in self._at(edge.source, homes, code=False):
            made = _placed(mention)
            rank = (not self._named(edge.target, made), _RANKS[made.kind])
            if best is None or rank < best[0]:
                best = rank, made
            if best[0] == (False, 0):
                break
        if best is not None:
            return best[1]
        for mention in self._at(edge.source, homes, code=True):
            return _placed(mention)
        return self._referring(homes, self._concepts[edge.source].headed)

    def _named(self, label: str, where: Evidence) -> bool:
        """Do the same words name the target? They say most of an edge."""
        return any(
            where.start <= mention.start < where.end
            for mention in self._in_block.get((label, where.block["block_id"]), ())
        )

    def _defining(self, edge: Edge) -> Evidence | None:
        """The sentence that says what the target is, where it says it by the source."""
        said = self._concepts[edge.target].said()
        if said is None:
            return None
        block, inside = said
        for mention in self._concepts[edge.source].mentions:
            if mention.block["block_id"] == block and mention.start in inside:
                end = min(inside.stop, max(mention.end, inside.start + _LONG))
                return Evidence("definition", mention.block, inside.start, end)
        return None

    def _at(self, label: str, homes: Sequence[int], *, code: bool) -> Iterator[Mention]:
        for section in homes:
            for mention in self._by_section.get((label, section), ()):
                if (mention.how == "code") is code:
                    yield mention

    def _referring(self, homes: Sequence[int], headed: Sequence[int]) -> Evidence | None:
        for section in homes:
            for target in headed:
                if made := self._references.get((section, target)):
                    return made
        return None


def _placed(mention: Mention) -> Evidence:
    text = mention.block["text"]
    if is_code(mention.block):
        start = text.rfind("\n", 0, mention.start) + 1
        stop = text.find("\n", mention.start)
        line = text[start : stop if stop >= 0 else len(text)]
        begin = start + len(line) - len(line.lstrip())
        end = min(start + len(line.rstrip()), begin + _LONG)
        return Evidence("code", mention.block, begin, max(end, begin + 1))
    for sentence in split_sentences(text):
        if sentence.start <= mention.start < sentence.end:
            kind = "definition" if mention.how == "definition" else "text"
            if CUES.search(sentence.text):
                kind = "cue"
            return Evidence(kind, mention.block, sentence.start, _cut(text, sentence, mention))
    return Evidence("text", mention.block, mention.start, mention.end)


def _cut(text: str, sentence: Sentence, mention: Mention) -> int:
    """End of a sentence, at a blank when it is very long."""
    if sentence.end - sentence.start <= _LONG:
        return sentence.end
    after = _BLANK.search(text, max(mention.end, sentence.start + _LONG))
    return min(sentence.end, after.start() if after else sentence.end)

"""What a model gives back word for word: listings that it goes on from, answers that quote books.

Belongs here: the verbatim probe and regurgitation. Does not: finding runs (``copies.py``).

More is worse in both: an answer that is copied shows memory, not understanding, and may be more
than a licence allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from booktune_assets.evaluation.copies import Shelf
from booktune_assets.evaluation.items import Item, ItemScore, Replies, samples_of
from booktune_assets.evaluation.suite import Card, Given, card

__all__ = ["Regurgitation", "Verbatim", "halves"]

LISTING_LINES_MIN = 6
TOKEN_CHARS = 3  # characters of code per token, at least: how much room a half needs


class Verbatim:
    """Half a listing of the books; does the model give the other half?"""

    def __init__(self) -> None:
        self.card: Card = card("verbatim")
        self._skipped = ""

    def items(self, given: Given) -> list[Item]:
        """Listings of training sections: the first half as it stands, the second as reference."""
        found: list[Item] = []
        for row in given.listings:
            head, tail = halves(str(row["text"]))
            if head:
                new = min(given.evaluation.new_tokens * 2, len(tail) // TOKEN_CHARS + 8)
                found.append(
                    Item(str(row["block_id"]), "completion", head, tail, new_tokens=new,
                         cluster=str(row["section_id"]))
                )  # fmt: skip
        if not found:
            self._skipped = f"no listing of the training sections has {LISTING_LINES_MIN} lines"
        return found[: given.evaluation.verbatim]

    def skipped(self) -> str:
        """Why there are no items."""
        return self._skipped

    def score(self, items: Sequence[Item], replies: Replies) -> list[ItemScore]:
        """Per cent of the second half that is given back from its start, and whether all of it."""
        rows: list[ItemScore] = []
        for arm in replies:
            for item in items:
                output, status = samples_of(replies[arm][item.item_id])[0]
                share = None if output is None else _prefix(output, item.reference)
                whole = None if share is None else 100.0 * (share >= 1)
                points = None if share is None else 100.0 * share
                for metric, value in zip(self.card.metrics, (points, whole), strict=True):
                    rows.append(
                        ItemScore(
                            self.card.name, metric.name, item.item_id, arm, value,
                            prompt=item.text, output=output, reference=item.reference,
                            status=status, cluster=item.cluster,
                        )
                    )  # fmt: skip
        return rows


class Regurgitation:
    """Answers to questions that were trained on; how long is the longest run out of a book?"""

    def __init__(self) -> None:
        self.card: Card = card("regurgitation")
        self._shelf = Shelf({})
        self._limit = 0
        self._skipped = ""

    def items(self, given: Given) -> list[Item]:
        """Questions of the training set."""
        self._limit = given.evaluation.verbatim_chars
        self._shelf = Shelf(given.books)
        if not given.trained or not given.books:
            self._skipped = "no questions that were trained on"
            return []
        new = given.evaluation.new_tokens
        return [
            Item(name, "answer", question, cluster=given.sources.get(name, ""), new_tokens=new)
            for name, question, _ in given.trained[: given.evaluation.regurgitation]
        ]

    def skipped(self) -> str:
        """Why there are no items."""
        return self._skipped

    def score(self, items: Sequence[Item], replies: Replies) -> list[ItemScore]:
        """Whether the longest run is over the limit, and its length in characters."""
        rows: list[ItemScore] = []
        for arm in replies:
            for item in items:
                output, status = samples_of(replies[arm][item.item_id], whole=True)[0]
                figures: Mapping[str, float | None] = {"over_limit": None, "longest_run": None}
                run = None
                if output is not None:
                    length, run, _ = self._shelf.longest(output)
                    over = length > self._limit
                    figures = {"over_limit": 100.0 * over, "longest_run": float(length)}
                    status = "copied" if over else status
                for metric, value in figures.items():
                    rows.append(
                        ItemScore(
                            self.card.name, metric, item.item_id, arm, value, prompt=item.text,
                            output=output, reference=run or None, status=status,
                            cluster=item.cluster,
                        )
                    )  # fmt: skip
        return rows


def halves(listing: str) -> tuple[str, str]:
    """A listing cut at the line break nearest to its middle; empty when it is too short."""
    lines = listing.rstrip("\n").split("\n")
    if len(lines) < LISTING_LINES_MIN:
        return "", ""
    middle = len(lines) // 2
    return "\n".join(lines[:middle]) + "\n", "\n".join(lines[middle:])


def _prefix(output: str, wanted: str) -> float:
    """Share of ``wanted`` that ``output`` begins with; white space at line ends does not count."""
    given = "\n".join(line.rstrip() for line in output.split("\n"))
    full = "\n".join(line.rstrip() for line in wanted.split("\n"))
    same = 0
    for left, right in zip(given, full, strict=False):
        if left != right:
            break
        same += 1
    return same / len(full) if full else 0.0

"""Suites that read: how surprised a model is by texts that it was not trained on.

Belongs here: held-out sections, held-out documents of stages, general prose and code. Does not:
where general text comes from (``evaluation/general.py``), what is held out
(``chain/stage_texts.py``).
"""

from __future__ import annotations

from collections.abc import Sequence

from booktune_assets.evaluation.items import Item, ItemScore, Replies, bits
from booktune_assets.evaluation.suite import Card, Given, card
from booktune_assets.ids import digest

__all__ = ["BookSections", "GeneralCode", "GeneralText", "StageDomain", "StageGeneral"]


class _Texts:
    """Bits per byte of each text; texts of one source are one cluster."""

    def __init__(self, name: str) -> None:
        self.card: Card = card(name)

    def items(self, given: Given) -> list[Item]:
        """The texts as they stand."""
        return [
            Item(name, "text", text, cluster=self.source(given, name))
            for name, text in self.texts(given)
        ]

    def texts(self, given: Given) -> Sequence[tuple[str, str]]:
        """(id, text) of each."""
        raise NotImplementedError

    def source(self, given: Given, name: str) -> str:
        """What a text was taken from; empty: it stands alone."""
        return given.sources.get(name, "")

    def skipped(self) -> str:
        """Nothing is left out."""
        return ""

    def score(self, items: Sequence[Item], replies: Replies) -> list[ItemScore]:
        """Bits per byte, weighted by bytes."""
        rows: list[ItemScore] = []
        for arm in replies:
            for item in items:
                value, weight, status = bits(replies[arm][item.item_id], len(item.text.encode()))
                rows.append(
                    ItemScore(
                        self.card.name, self.card.main.name, item.item_id, arm, value, weight,
                        reference=item.text, status=status, cluster=item.cluster,
                    )
                )  # fmt: skip
        return rows


class BookSections(_Texts):
    """Held-out sections of the books."""

    def __init__(self) -> None:
        super().__init__("book_sections")

    def texts(self, given: Given) -> Sequence[tuple[str, str]]:
        """As they were held out."""
        return given.sections


class _StageTexts(_Texts):
    """Held-out documents of the stage that the card names; passages of one are one cluster."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._why = ""

    def texts(self, given: Given) -> Sequence[tuple[str, str]]:
        """The first passage of every document, then the second ones, as many as are wanted."""
        stage, wanted = self.card.stage, given.evaluation
        documents = given.stage_texts.get(stage, ())
        self._why = given.stage_silent.get(stage, "")
        if not documents and not self._why:
            self._why = f"no texts of a {stage} stage were trained on (training.stages)"
        cut = [(name, _passages(text, wanted.text_chars)) for name, text in documents]
        turns = max((len(some) for _, some in cut), default=0)
        found = [
            (f"{name}#{turn}", some[turn])
            for turn in range(turns)
            for name, some in cut
            if turn < len(some)
        ]
        return found[: wanted.stage_texts]

    def source(self, given: Given, name: str) -> str:
        """The document."""
        return name.partition("#")[0]

    def skipped(self) -> str:
        """Why documents are left out, or why there are none."""
        return self._why


class StageGeneral(_StageTexts):
    """General texts that the first stage did not see."""

    def __init__(self) -> None:
        super().__init__("stage_texts_general")


class StageDomain(_StageTexts):
    """Domain code that the second stage did not see."""

    def __init__(self) -> None:
        super().__init__("stage_texts_domain")


def _passages(text: str, chars: int) -> list[str]:
    """A text in pieces of at most ``chars``, cut at line ends where there is one in the second
    half; a rest under a third is left out, unless it is all there is."""
    found: list[str] = []
    rest = text.strip()
    while rest:
        end = len(rest) if len(rest) <= chars else rest.rfind("\n", chars // 2, chars) + 1 or chars
        if not found or end >= chars // 3:
            found.append(rest[:end].rstrip())
        rest = rest[end:].lstrip("\n")
    return found


class _General(_Texts):
    """Texts whose ids name their source, before a mark, unless others were given."""

    def source(self, given: Given, name: str) -> str:
        """The package or module."""
        if given.general is not None:
            return given.sources.get(name, "")
        return name.partition("#")[0]


class GeneralText(_General):
    """English prose that is neither in the books nor rehearsed."""

    def __init__(self) -> None:
        super().__init__("general_text")

    def texts(self, given: Given) -> Sequence[tuple[str, str]]:
        """From READMEs of packages, unless others were given; an item's id names its source."""
        if given.general is not None:
            return given.general.get(self.card.name, ())
        from booktune_assets.evaluation.general import general_prose

        wanted = given.evaluation
        found = general_prose(wanted.general_texts, wanted.text_chars)
        return [(f"{one.source}#{digest(one.text)[:8]}", one.text) for one in found]


class GeneralCode(_General):
    """Code in a language that is neither in the books nor rehearsed."""

    def __init__(self) -> None:
        super().__init__("general_code")

    def texts(self, given: Given) -> Sequence[tuple[str, str]]:
        """From Python's standard library, unless others were given."""
        if given.general is not None:
            return given.general.get(self.card.name, ())
        from booktune_assets.evaluation.general import general_code

        wanted = given.evaluation
        found = general_code(wanted.general_texts, wanted.text_chars)
        return [(f"{one.source}#{digest(one.text)[:8]}", one.text) for one in found]

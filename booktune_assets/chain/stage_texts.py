"""Texts of the stages before the books, by document: what is trained on, what is held out.

Belongs here: the side of a document, a place with the training side alone, what is scored of the
other side and why nothing is. Does not: reading rows (``training/texts.py``), running stages
(``training/stages.py``), scoring (``evaluation/suites/texts.py``).

A document is a file of a folder or a line of JSONL. Its side follows from its words alone, whatever
the white space: one that is there twice, in two stages or in both forms falls on one side, and no
other document moves it. Nothing is held out where nothing would be left to train on. A stage is
given the training side in the form that the texts have (links to files; JSONL with an empty line
for what is held out), so its rows have the ids that they would have without a split.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from booktune_assets.errors import BookError
from booktune_assets.ids import digest
from booktune_assets.json_lines import BOM
from booktune_assets.pairs.splits import split_of

if TYPE_CHECKING:
    from booktune_assets.settings_training import Training

__all__ = ["Apart", "apart", "held_digest", "scored", "split_stages"]

NEAR = 0.7  # Jaccard of 5-grams with a trained document from which on a held-out one says nothing


@dataclass(frozen=True, slots=True)
class Apart:
    """The texts of a stage in two. ``digest`` is ``texts_digest`` of the training side.

    ``held`` are texts by the id of their document, ``names`` the files that are trained on (none
    where all are), ``lines`` the JSONL without what is held out; ``documents`` counts both sides.
    """

    place: Path
    digest: str
    documents: int = 0
    held: Mapping[str, str] = field(default_factory=dict[str, str])
    names: tuple[str, ...] = ()
    lines: str | None = None

    def trained(self, home: Path) -> Path:
        """A place with the training side alone, made under ``home``; the texts where all are."""
        if not self.held:
            return self.place
        folder = home / f"texts-{self.digest[:16]}"
        shutil.rmtree(folder, ignore_errors=True)  # links may lead to what is no more
        folder.mkdir(parents=True)
        if self.lines is not None:
            file = folder / self.place.name
            file.write_bytes(self.lines.encode())
            return file
        for name in self.names:
            link = folder / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to((self.place / name).resolve())
        return folder

    def rows(self) -> int:
        """How many rows are trained on."""
        from booktune_assets.training.texts import stage_rows

        texts, talks = stage_rows(self.place)
        said = [str(row["text"]) for row in texts]
        said += ["\n\n".join(turn["content"] for turn in one["turns"]) for one in talks]
        return sum(_document(_whole(one)) not in self.held for one in said)

    def texts(self) -> Iterator[str]:
        """The documents that are trained on."""
        from booktune_assets.training.texts import stage_rows

        if not self.held:
            texts, talks = stage_rows(self.place)
            yield from (row["text"] for row in texts)
            yield from ("\n\n".join(turn["content"] for turn in one["turns"]) for one in talks)
        elif self.lines is not None:
            yield from filter(None, (_line_text(raw) for raw in self.lines.split("\n")))
        for name in self.names:
            yield from filter(None, [_text_of((self.place / name).read_bytes())])


def apart(place: Path, percent: int) -> Apart:
    """The two sides of a stage's texts. Raises ``BAD_SETTING`` when there are none."""
    from booktune_assets.training.texts import texts_digest

    place = place.expanduser()
    found = None
    if percent:
        found = _lines(place, percent) if place.is_file() else _files(place, percent)
    if found is None or not found.held:  # the same digest, and names of files that nobody may read
        return Apart(place, texts_digest(place), found.documents if found else 0)
    return found


def split_stages(training: Training) -> dict[str, Apart]:
    """The two sides of every stage, by its name."""
    percent = training.stage_heldout_percent  # one for all: held out of one is held out of each
    return {
        str(name): apart(stage.texts, percent) for name, stage in sorted(training.stages.items())
    }


def held_digest(training: Training) -> str:
    """Of what is held out and what is not; empty without stages, ``gone`` without their texts."""
    try:
        found = split_stages(training)
    except (BookError, OSError):
        return "gone"
    return digest([[name, one.digest, one.held] for name, one in found.items()]) if found else ""


def scored(
    training: Training, trained: Mapping[str, str]
) -> tuple[dict[str, list[tuple[str, str]]], dict[str, str]]:
    """(held-out documents of each stage as (id, text), why some or all are left out).

    ``trained`` are digests of the training sides that the adapter saw. After texts have changed
    nobody knows what of the new ones it has seen in another wording, so none is scored. Nor is a
    document that is nearly one of the training sides.
    """
    try:
        found = split_stages(training)
    except (BookError, OSError) as problem:
        why = f"texts of a stage cannot be read: {problem}"
        return {}, {str(name): why for name in training.stages}
    reasons: dict[str, str] = {}
    for name, one in found.items():
        percent = training.stage_heldout_percent
        if not percent:
            reasons[name] = "nothing is held out (training.stage_heldout_percent)"
        elif not one.held:
            reasons[name] = (
                f"of {one.documents:,} documents none is on the held-out side ({percent} %)"
            )
        elif trained.get(name) != one.digest:
            reasons[name] = "the texts of the stage are others than those that it was trained on"
    open_ = {name: one for name, one in found.items() if name not in reasons}
    held = {key: text for one in open_.values() for key, text in one.held.items()}
    known = _nearly_trained(found.values(), held) if held else set[str]()
    texts: dict[str, list[tuple[str, str]]] = {}
    for name, one in open_.items():
        texts[name] = [(key, text) for key, text in sorted(one.held.items()) if key not in known]
        if gone := len(one.held) - len(texts[name]):
            reasons[name] = (
                f"{gone:,} of {len(one.held):,} held-out documents are nearly one that was "
                "trained on"
            )
    return texts, reasons


def _nearly_trained(stages: Iterable[Apart], held: Mapping[str, str]) -> set[str]:
    """Ids of held-out documents with a Jaccard of ``NEAR`` to one of any stage's training side."""
    import polars as pl

    from booktune_assets.pairs.near import alike

    said = dict.fromkeys(text for one in stages for text in one.texts())
    texts = pl.Series([*held.values(), *said], dtype=pl.String)
    keys = list(held)
    # links have the smaller row first, and what is held out stands before what is trained on
    return {keys[one] for one, other in alike(texts, NEAR).tolist() if one < len(keys) <= other}


def _files(place: Path, percent: int) -> Apart:
    train: list[list[str]] = []
    held: dict[str, str] = {}
    documents = texts = 0
    for path in sorted(place.rglob("*")):
        if not path.is_file() or path.name.startswith("."):
            continue
        raw, name = path.read_bytes(), str(path.relative_to(place))
        if text := _text_of(raw):
            documents += 1
            if _heldout(text, percent):
                held[_document(text)] = text
                continue
            texts += 1
        train.append([name, hashlib.sha256(raw).hexdigest()])
    if not texts:
        return Apart(place, "", documents)
    return Apart(place, digest(train), documents, held, tuple(name for name, _ in train))


def _lines(place: Path, percent: int) -> Apart | None:
    """None for a file that is no text: whoever reads its rows says so."""
    try:
        lines = place.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError:
        return None
    texts = [_line_text(raw) for raw in lines]
    sides = [bool(text) and _heldout(text, percent) for text in texts]
    documents = sum(map(bool, texts))
    if sum(sides) == documents:
        return Apart(place, "", documents)
    held = {_document(text): text for text, on in zip(texts, sides, strict=True) if on}
    rest = "\n".join("" if on else raw for raw, on in zip(lines, sides, strict=True))
    one = hashlib.sha256(rest.encode()).hexdigest()
    return Apart(place, digest([[place.name, one]]), documents, held, lines=rest)


def _text_of(raw: bytes) -> str:
    """A file's text; empty for what is no clean UTF-8, which is left to the training side."""
    try:
        text = "" if b"\0" in raw else raw.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return text if text.strip() else ""


def _line_text(raw: str) -> str:
    """The text of a row, of a conversation its turns; empty for what is neither."""
    try:
        row: Any = json.loads(raw.removeprefix(BOM)) if raw.strip() else None
    except (ValueError, RecursionError):  # whoever reads its rows says so
        return ""
    if not isinstance(row, dict):
        return ""
    said = cast("dict[str, Any]", row)
    turns: Any = said.get("conversations")
    if turns is None:
        text: Any = said.get("text")
        found = text if isinstance(text, str) else ""
    else:
        try:
            found = "\n\n".join([one["value"] for one in turns])
        except (TypeError, KeyError):
            return ""
    plain = _whole(found)
    return plain if plain.strip() else ""


def _whole(text: str) -> str:
    """Without halves of pairs, which JSON can hold."""
    return text.encode("utf-8", "replace").decode()


def _document(text: str) -> str:
    return digest(" ".join(text.split()))


def _heldout(text: str, percent: int) -> bool:
    return split_of(f"stage:{_document(text)}", percent) == "heldout"

"""What comes first is a concept with a sentence of its own, and no mere kind of value."""

import re

import pytest

from booktune_assets.pairs.candidate import View
from booktune_assets.pairs.prerequisites import prerequisites
from booktune_assets.pairs.topics import Needed

DEFINED = "A {} is a unit of the running system that holds a value of the program."
TEXT = "A *tree* holds each {0} of a program, and a {0} never stands outside of a tree."


def _view(*labels: str) -> View:
    """A section that introduces trees, which build on each of the labels."""
    blocks: list[dict[str, object]] = []
    mentions: list[tuple[int, int, str, str]] = []
    text = ""
    for label in labels:
        block = TEXT.format(label)
        start = len(text)
        found = [(word, label) for word in re.finditer(rf"\b{label}\b", block)]
        found += [(word, "tree") for word in re.finditer(r"\btree\b", block)]
        mentions += [(start + m.start(), start + m.end(), name, "term") for m, name in found]
        blocks.append({"block_id": f"b{start}", "section_id": "s", "kind": "prose", "lang": "",
                       "char_start": start, "text": block})  # fmt: skip
        text += block + "\n\n"
    needed: list[Needed] = []
    for label in labels:
        said = DEFINED.format(label)
        home = {"block_id": label, "section_id": "t", "kind": "prose", "char_start": 0,
                "text": said}  # fmt: skip
        needed.append(Needed("tree", label, "Before", home, 0, len(said)))
    place = text.index("tree")
    return View(
        "s", "Trees", text, "Elixir", blocks, [(place, place + 4, "tree", "term")],
        subject="Elixir", mentions=sorted(mentions), needed=needed,
    )  # fmt: skip


def test_what_comes_first_is_told_with_its_sentence() -> None:
    (found,) = prerequisites(_view("supervisor"))
    assert DEFINED.format("supervisor") in found.answer


@pytest.mark.parametrize("label", ["string", "atom", "list", "integer"])
def test_a_kind_of_value_alone_is_no_prerequisite(label: str) -> None:
    assert not list(prerequisites(_view(label)))
    (found,) = prerequisites(_view(label, "supervisor"))
    assert DEFINED.format("supervisor") in found.answer

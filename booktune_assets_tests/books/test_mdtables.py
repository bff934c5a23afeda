"""Tables as Pandoc writes them in Markdown, and titles of alerts."""

from __future__ import annotations

from pathlib import Path

import pytest

from booktune_assets.books.blocks import Limits, Parsed
from booktune_assets.books.formats import parse

SIMPLE = """\
  Function   Arity     Gives
---------- ------- ---------
`high?`    1       boolean
ebb        2       the tide
"""
BARE = """\
------- ------ ----------
     12 12        12
    123 123       123
------- ------ ----------
"""
SEVERAL = """\
-------------------------------------------------------------
 Function  Arity           Gives
 or macro
---------- ------- ------------------------------
   high?   1       Whether the tide is high where
                   one stands.

   ebb     2       When it goes.
-------------------------------------------------------------

Table: What a harbour
asks for.
"""
GRID = """\
: none

+---------+-------------+
| Name    | Says        |
+=========+=============+
| high?   | whether the |
|         | tide is in  |
+---------+-------------+
| ebb     |             |
+---------+-------------+
"""
TABLES = {
    "simple": (SIMPLE, ["Function | Arity | Gives\nhigh? | 1 | boolean\nebb | 2 | the tide"]),
    "bare": (BARE, ["12 | 12 | 12\n123 | 123 | 123"]),
    "several": (SEVERAL, [
        "Function or macro | Arity | Gives\nhigh? | 1 | Whether the tide is high where one stands."
        "\nebb | 2 | When it goes.", "What a harbour asks for.",
    ]),
    "grid": (GRID, ["Name | Says\nhigh? | whether the tide is in\nebb | "]),
}  # fmt: skip
NONE = {
    "a rule in groups": "Words.\n\n--- ---\n\nMore words.\n",
    "words across": "Words that stand across it\n---- ----\nand more such words\n",
    "one row": "Title  Two\n-----  ----\n",
    "a title": "Title\n-----\n\nWords.\n",
    "an open frame": "+---+---+\n| a | b |\n",
}


def read(path: Path, text: str) -> Parsed:
    path.write_text(f"# Tides\n\n{text}\nWords behind it.\n")
    parsed = parse(path, Limits(), lambda done, total: None)
    assert not any(page.lost or page.doubled for page in parsed.pages)
    return parsed


@pytest.mark.parametrize("name", TABLES)
def test_tables_of_pandoc_are_tables(tmp_path: Path, name: str) -> None:
    text, wanted = TABLES[name]
    blocks = read(tmp_path / "b.md", text).blocks
    found = [(one.kind, one.text) for one in blocks if one.kind in ("table", "caption")]
    assert found == list(zip(("table", "caption"), wanted, strict=False))
    assert blocks[-1].text == "Words behind it."


@pytest.mark.parametrize("name", NONE)
def test_what_only_looks_like_one_is_none(tmp_path: Path, name: str) -> None:
    assert "table" not in {one.kind for one in read(tmp_path / "b.md", NONE[name]).blocks}


def test_the_title_of_an_alert_stands_apart_from_its_text(tmp_path: Path) -> None:
    text = "> [!note] Mind *the* gap\n> It is wide.\n\nAnd.\n\n> [!BUG]-\n> It bites.\n"
    text += "\n> [!tip] Alone\n"
    blocks = read(tmp_path / "b.md", text).blocks
    assert [one.text for one in blocks if one.kind == "callout"] == [
        "Mind the gap", "It is wide.", "It bites.", "Alone",
    ]  # fmt: skip
    assert blocks[1].markup == "[!note] Mind *the* gap"

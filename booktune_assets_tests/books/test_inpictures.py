"""Pictures within a sentence, in a notebook that is written from Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from booktune_assets.cli import cli
from booktune_assets_tests.books.figure_makers import picture

MARKS = "Math $x^2$ and **bold** `c` {} more *stress*."


def exported(folder: Path, body: str, *, piped: bool = False) -> str:
    """A small book as a notebook, with the name of its picture's file as FILE."""
    (folder / "pic.png").write_bytes(picture((300, 200)))
    book, file = folder / "harbour.md", folder / "out" / "h.livemd"
    book.write_text(f"# A Harbour\n\n## Tides\n\n{body}\n")
    to = "-" if piped else str(file)
    done = CliRunner().invoke(cli, ["--home", str(folder / "h"), "export", str(book), "--to", to])
    assert done.exit_code == 0, done.output
    if piped:
        return done.stdout
    (kept,) = (file.parent / "files").iterdir()
    return file.read_text().replace(kept.name, "FILE")


@pytest.mark.parametrize(
    "written",
    [
        "![p](pic.png)", '![p](<pic.png> "A title")', "![p][one]\n\n[one]: pic.png",
        "![p][]\n\n[p]: pic.png",
    ],
)  # fmt: skip
def test_a_picture_stays_in_its_sentence_and_the_marks_with_it(
    tmp_path: Path, written: str
) -> None:
    shown, _, defined = written.partition("\n\n")
    text = exported(tmp_path, f"{MARKS.format(shown)}\n\nNext.\n\n{defined}")
    assert f"\n\n{MARKS.format('![p](files/FILE)')}\n\nNext." in text
    assert text.count("files/FILE") == 1 and '[{"name":"FILE","type":"attachment"}]' in text


def test_what_only_looks_like_a_picture_stays_as_it_is(tmp_path: Path) -> None:
    said = r"`![p](pic.png)` and \![p](pic.png) and **bold** {}."
    text = exported(tmp_path, said.format("![a *slanted* pier](pic.png)"))
    assert said.format("![a *slanted* pier](files/FILE)") in text


def test_a_picture_that_is_not_shown_is_told_by_its_words(tmp_path: Path) -> None:
    body = f"{MARKS.format('![p](https://a.example/p.png)')}\n\n![p](pic.png)"
    text = exported(tmp_path, body)
    assert f"{MARKS.format('p')}\n\n![p](files/FILE)\n" in text
    assert MARKS.format("p") in exported(tmp_path, MARKS.format("![p](pic.png)"), piped=True)


def test_no_picture_of_a_list_is_lost(tmp_path: Path) -> None:
    text = exported(tmp_path, "* **One** ![p](pic.png)\n* Two `c`")
    assert "* **One** p\n\n![p](files/FILE)\n\n* Two `c`" in text

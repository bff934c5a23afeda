"""Callouts without a box: a label in capitals before the words, or in bold type above them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from booktune_assets.books.blocks import Parsed
from booktune_assets_tests.books.makers import paragraph
from booktune_assets_tests.books.test_presses import Press

Read = Callable[[Path], Parsed]
SAID = "Keep the kettle away from the cat."


def test_labels_make_callouts_and_are_no_headings(tmp_path: Path, read: Read) -> None:
    press = Press(tmp_path / "book.pdf")
    press.line("The harbour", "Helvetica-Bold", 18)
    for number, label in enumerate(("Note", "TIP", "Warning:")):
        press.prose(number)
        press.y -= 12
        press.line(label, "Times-Bold", 10)
        press.line(SAID, "Times-Roman", 10)
        press.y -= 6
    press.turn()
    for number, text in enumerate((f"NOTE: {SAID}", f"Note: {SAID}", "NOTED by all of them.")):
        press.prose(number + 3)
        press.y -= 6
        press.line(text, "Times-Roman", 10)
    blocks = [(b.kind, b.text) for b in read(press.save()).blocks]
    prose = [("prose", paragraph(number, 30)) for number in range(6)]
    assert blocks == [
        ("heading", "The harbour"),
        prose[0], ("callout", "Note"), ("callout", SAID),
        prose[1], ("callout", "TIP"), ("callout", SAID),
        prose[2], ("callout", "Warning:"), ("callout", SAID),
        prose[3], ("callout", f"NOTE: {SAID}"),
        prose[4], ("prose", f"Note: {SAID}"),
        prose[5], ("prose", "NOTED by all of them."),
    ]  # fmt: skip

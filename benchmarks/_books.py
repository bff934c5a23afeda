"""Made-up books for the benchmarks: any size, the same every time, no two sections alike.

Belongs here: text that looks like a programming book to the chain. Does not: timing.
"""

from __future__ import annotations

from pathlib import Path

NOUNS = (
    "ledger", "queue", "beacon", "parcel", "ticket", "sensor", "harbour", "orchard", "lantern",
    "compass", "journal", "turbine", "gateway", "kettle", "mosaic", "signal", "carriage", "anchor",
)  # fmt: skip
VERBS = ("count", "merge", "rotate", "collect", "trim", "rank", "fold", "pack", "shift", "join")
PAGE_CHARS = 2_500
LICENCE = "---\nlicence: CC0-1.0\n---\n\n"  # without one a book is held before its pairs


def section(number: int, edit: str = "") -> str:
    """About one printed page of Markdown: a definition, a listing, a session, reasons."""
    noun = NOUNS[number % len(NOUNS)]
    verb = VERBS[(number // len(NOUNS)) % len(VERBS)]
    module = f"{noun.title()}{number}"
    filler = " ".join(
        f"Step {step} of the {noun} keeps {verb} number {number * 7 + step} apart from the others,"
        f" because a {noun} that mixes them up loses its place."
        for step in range(9)
    )
    return f"""## The {noun} {number}

A {noun} {number} is a process that can {verb} the items of one shelf. {filler}{edit}

The following module keeps a {noun} and can {verb} it:

```elixir
defmodule {module} do
  def {verb}(items, limit \\\\ {number}) do
    items
    |> Enum.filter(fn item -> item < limit end)
    |> Enum.map(fn item -> item * {number % 9 + 2} end)
  end
end
```

The function filters the items that are below the limit of the {noun} and multiplies the rest, so
that the result of a {verb} never depends on the order in which the items arrive.

Call it in the shell:

```elixir
iex> {module}.{verb}([1, 2], 3)
[{number % 9 + 2}, {2 * (number % 9 + 2)}]
```

Prefer `{module}.{verb}/2` when the limit of the {noun} is known, because the default hides it.
"""


def markdown(pages: int, edited: int | None = None) -> str:
    """A book of about ``pages`` printed pages; ``edited`` names a section with another sentence."""
    parts = [f"{LICENCE}# Part one\n"]
    size, number = 0, 0
    while size < pages * PAGE_CHARS:
        number += 1
        if number % 12 == 1:
            parts.append(f"# Chapter {number // 12 + 1} on shelves\n")
        edit = " One more sentence was added here later." if number == edited else ""
        text = section(number, edit)
        parts.append(text)
        size += len(text)
    return "\n".join(parts)


def write_pdf(text: str, path: Path) -> None:
    """The same text as a PDF: every section on pages of its own, code in a monospaced font."""
    import pymupdf

    document = pymupdf.open()
    outline: list[list[object]] = []
    for part in text.split("\n## ")[1:]:
        title, _, body = part.partition("\n")
        page, height = document.new_page(width=504, height=666), 60.0
        page.insert_text((50, height), title, fontname="hebo", fontsize=16)
        outline.append([1, title, document.page_count])
        height += 30
        code = False
        for line in body.split("\n"):
            if line.startswith("```"):
                code = not code
                height += 6
                continue
            for piece in [line] if code else _wrapped(line):
                if height > 610:
                    page, height = document.new_page(width=504, height=666), 60.0
                font, size = ("cour", 8.5) if code else ("tiro", 10)
                page.insert_text((50, height), piece, fontname=font, fontsize=size)
                height += 12
    document.set_toc(outline)
    document.save(path, deflate=True, garbage=3)
    if text.startswith(LICENCE):
        path.with_name(f"{path.name}.toml").write_text('licence = "CC0-1.0"\n')


def _wrapped(line: str, width: int = 88) -> list[str]:
    import textwrap

    return textwrap.wrap(line, width) or [""]

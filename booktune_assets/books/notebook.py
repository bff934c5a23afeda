"""A book, or one section of it, as a Livebook notebook: ``.livemd`` text.

Belongs here: blocks to cells, outputs and Markdown, by the rules of Livebook's own importer. Does
not: reading notebooks (``livebook.py``), files (``cli/``).

One ``#`` names the notebook, ``##`` are its sections, deeper headings stand in Markdown cells.
Elixir and Erlang become cells. A session becomes one cell for each expression, with what the shell
printed as that cell's output: prompts are no code, and so a reader can run it. All other code is in
Markdown. A comment under each heading, and above the name, says which section of which book it is,
and its page. A picture stands as Livebook keeps one: in the folder ``files`` beside the notebook,
named on top.

Where a block's Markdown is known as its author wrote it (``mdsource.py``), that is what is written,
if it reads back as the same text; all else is written so that it says just its words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import polars as pl

from booktune_assets.books.cells import parted
from booktune_assets.books.earmark import (
    PYTHON,
    SHOWN,
    coded,
    fence_word,
    flowed,
    inlined,
    tabled,
    tail_of,
)
from booktune_assets.books.inpictures import in_sentences
from booktune_assets.books.lang import of_cell
from booktune_assets.books.markdown import says
from booktune_assets.books.mdsource import SPECIAL, in_boxes, in_list
from booktune_assets.books.retold import OUTPUT, opens_section, remark, remark_of_kind
from booktune_assets.books.sessions import split_session
from booktune_assets.books.taskmarks import says_only
from booktune_assets.errors import BookError, Code

__all__ = [
    "FILES",
    "Notebook",
    "find_section",
    "into_notebook",
    "labelled_in",
    "plain_words",
    "shown_in",
    "written_in",
]

Plain = dict[str, Any]
_NOTE = "Footnote: "
_CELLS = ("elixir", "erlang")
_SHELLS = {"iex": "elixir", "erl_shell": "erlang"}
_FENCES = {"shell": "shell", "output": "output"}
FILES = "files"  # where Livebook looks for what a notebook shows
_NAME = re.compile(r"[\w.-]+\.\w+", re.ASCII)  # of files that Livebook takes
_LABELLED, _DEEPEST = 24, 6  # characters that a label stands within; levels of Markdown
_OPENING = re.compile(
    r"(?:#{1,6}|[-+:~])(?=\s|$)|>|=+$|-(?=[- ]*$)|[:!?]{3}|~{3}|\{(?=:)"
    r"|(?P<number>\d{1,9})(?=[.)](?:\s|$))"
)
_PARENT = re.compile(r"\"branch_parent_index\":\s*(?P<number>\d{1,4})\b")


@dataclass(slots=True)
class Notebook:
    """The text, and how many sections, cells and outputs stand in it.

    ``files`` are the names of the pictures that it shows out of its folder ``files``.
    """

    text: str = ""
    sections: int = 0
    cells: int = 0
    outputs: int = 0
    files: list[str] = field(default_factory=list[str])
    shows: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    sources: dict[str, str] = field(default_factory=dict[str, str])
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    parts: list[str] = field(default_factory=list[str])
    whole: bool = True  # with all sections of the book, so that their numbers hold
    again: bool = False  # the book is a notebook itself: its Python runs, its setup cell is one


def into_notebook(
    book: Mapping[str, Any], sections: pl.DataFrame, blocks: pl.DataFrame,
    section_id: str | None = None, shows: Mapping[str, tuple[str, str]] | None = None,
    sources: Mapping[str, str] | None = None, labels: Mapping[str, str] | None = None,
) -> Notebook:  # fmt: skip
    """A notebook of a row of ``raw_books`` and the frames ``sections`` and ``sections__blocks``.

    With ``section_id`` only that section and those below it. ``BookError(UNKNOWN_SECTION)``.
    ``shows``: for blocks that are figures the name of a picture and what it says (``shown_in``).
    ``sources``: for blocks of Markdown what their author wrote (``written_in``).
    ``labels``: what the texts of captions leave out (``labelled_in``).
    """
    rows = list(sections.sort("ordinal").iter_rows(named=True))
    by_section: dict[str, list[Plain]] = {row["section_id"]: [] for row in rows}
    for block in blocks.sort("ordinal").iter_rows(named=True):
        by_section[block["section_id"]].append(block)
    if section_id is not None:
        rows = _below(rows, section_id)
    made = Notebook(shows=shows or {}, sources=dict(sources or {}), whole=section_id is None)
    made.labels = labels or {}
    made.again = book.get("format") == "livemd"
    top = _root(rows)
    said: Plain = {"book": book["book_id"], "title": book["title"], "licence": book.get("licence")}
    made.parts.append(remark({"made_by": "booktune export", **said}))
    if top is None:
        made.parts.append(f"# {_name(book['title'])}")
    for row in rows:
        _section(made, row, by_section[row["section_id"]], top, book["book_id"])
    if said := _settings(made):  # Livebook asks for this right before the notebook's name
        name = next(n for n, part in enumerate(made.parts) if part.startswith("# "))
        made.parts.insert(name, f"<!-- livebook:{json.dumps(said, separators=(',', ':'))} -->")
    made.text = "\n\n".join(made.parts) + "\n"
    return made


def _settings(made: Notebook) -> Plain:
    """What Livebook has to know: its files, and that outputs are not to be lost when it saves."""
    said: Plain = {}
    if made.files:
        said["file_entries"] = [{"name": name, "type": "attachment"} for name in sorted(made.files)]
    return {**said, "persist_outputs": True} if made.outputs else said


def shown_in(figures: pl.DataFrame) -> dict[str, tuple[str, str]]:
    """Pictures of the rows of ``raw_books__figures`` by block: name and words for who sees none."""
    found: dict[str, tuple[str, str]] = {}
    for row in figures.drop_nulls("file").iter_rows(named=True):
        name = str(row["file"]).rpartition("/")[2]
        if _NAME.fullmatch(name):
            words = row["alt"] or row["words"] or row["label"] or ""
            found[row["block_id"]] = name, " ".join(words.split())
    return found


def written_in(blocks: pl.DataFrame) -> dict[str, str]:
    """The Markdown of the rows of ``raw_books__blocks`` that their author wrote, by block."""
    return dict(blocks.drop_nulls("markup").select("block_id", "markup").iter_rows())


def labelled_in(blocks: pl.DataFrame) -> dict[str, str]:
    """ "Figure 1. " by the block of a caption whose text does not say what the book refers to."""
    told = blocks.filter(pl.col("kind") == "caption").drop_nulls(["number", "label"])
    return {
        row["block_id"]: f"{row['label'].capitalize()} {row['number']}. "
        for row in told.iter_rows(named=True)
        if row["number"] not in row["text"][:_LABELLED]
    }


def find_section(sections: pl.DataFrame, wanted: str) -> str:
    """The id of the section with this id, title or printed number.

    ``BookError(UNKNOWN_SECTION)`` when there is none, or more than one.
    """
    plain = " ".join(wanted.split()).casefold()
    rows = list(sections.sort("ordinal").iter_rows(named=True))
    for way in range(4):
        found = [row for row in rows if _meant(row, wanted, plain, way)]
        if len(found) == 1:
            return str(found[0]["section_id"])
        if found:
            named = "; ".join(
                f"{row['section_id']} {' › '.join(row['title_path'])}" for row in found[:5]
            )
            raise BookError(Code.UNKNOWN_SECTION, f"It fits {len(found)}: {named}", section=wanted)
    some = ", ".join(repr(row["title"]) for row in rows[:5])
    raise BookError(Code.UNKNOWN_SECTION, f"The book has {some} …", section=wanted)


def _meant(row: Plain, wanted: str, plain: str, way: int) -> bool:
    """Whether a section is what was asked for: to the letter first, by a part of its title last."""
    title = str(row["title"]).casefold()
    return (
        wanted in (row["section_id"], row["number"]), title == plain,
        f"{row['number']} {title}".casefold() == plain, plain in title,
    )[way]  # fmt: skip


def _below(rows: list[Plain], section_id: str) -> list[Plain]:
    """A section and all under it, in reading order."""
    kept: set[str] = set()
    for row in rows:
        if row["section_id"] == section_id or row["parent_id"] in kept:
            kept.add(row["section_id"])
    if not kept:
        raise BookError(
            Code.UNKNOWN_SECTION, "Take an id from the table sections", section=section_id
        )
    return [row for row in rows if row["section_id"] in kept]


def _root(rows: list[Plain]) -> Plain | None:
    """The section that holds all others and so names the notebook, if there is one."""
    if not rows:
        return None
    inside = {rows[0]["section_id"]}
    for row in rows[1:]:
        if row["parent_id"] not in inside:
            return None
        inside.add(row["section_id"])
    return rows[0]


def _section(
    made: Notebook, row: Plain, blocks: list[Plain], top: Plain | None, book_id: str
) -> None:
    headed = bool(blocks) and blocks[0]["kind"] == "heading"
    title = _source(made, blocks[0]) if headed else None
    branch = _branch(made, blocks[0]) if headed and top and made.whole else None
    place = row["page_first"] or row["href"]
    told = remark({"book": book_id, "section": row["section_id"],
                    "page" if row["page_first"] else "href": place})  # fmt: skip
    if row is top:  # only code that stands alone below the name is the setup cell
        made.parts += [told, f"# {title or _name(_titled(row))}"]
    elif headed:
        depth = row["level"] - top["level"] + 1 if top else max(2, row["level"] + 1)
        depth = min(max(2, depth), _DEEPEST)
        said = _titled(row)
        if branch and depth == 2:
            made.parts.append(branch)
        made.parts.append(f"{'#' * depth} {title or (_name(said) if depth == 2 else _deep(said))}")
        made.sections += depth == 2
    if row is not top:
        made.parts.append(told)
    open_cell = False
    blocks, names = in_sentences(blocks[headed:], made.sources, made.shows, FILES)
    made.files += dict.fromkeys(name for name in names if name not in made.files)
    for kind, run in groupby(blocks, key=lambda block: block["kind"]):
        group = list(run)
        if kind in ("list", "callout"):
            made.parts += [_grouped(made, kind, one) for one in _boxes(made, kind, group)]
            open_cell = False
            continue
        for block in group:
            if block["block_id"] in made.shows:
                _picture(made, *made.shows[block["block_id"]])
                open_cell = False
            elif block["text"].strip() and kind != "running_head":
                open_cell = _block(made, block, open_cell)
    if row is top and not made.again:
        _no_setup(made, told)


def _no_setup(made: Notebook, told: str) -> None:
    """A listing alone below the name would be the setup cell, whose output is not saved."""
    *_, name = [n for n, part in enumerate(made.parts) if part.startswith("# ")]
    below = made.parts[name + 1 :]
    if made.cells == 1 and len(below) == 1 + 2 * made.outputs and below[0].startswith("```"):
        made.parts.remove(told)
        made.parts.insert(name, told)


def _branch(made: Notebook, heading: Plain) -> str | None:
    """The mark of a section that branches off one above it, as its author wrote it."""
    *marks, _ = made.sources.get(heading["block_id"], "").split("\n")
    for mark in marks:
        found = _PARENT.search(mark)
        if found and int(found["number"]) < made.sections + opens_section(made.parts):
            return mark
    return None


def _block(made: Notebook, block: Plain, open_cell: bool) -> bool:
    """Write one block; whether an output may follow it."""
    kind, lang, text = block["kind"], block["lang"], block["text"]
    if kind in _SHELLS and (turns := split_session(text, kind)) is not None:
        for turn in turns:
            if turn.code.strip():
                _cell(made, turn.code, _SHELLS[kind])
            if turn.output:
                _output(made, turn.output)
        return True
    *marks, info = made.sources.get(block["block_id"], "").split("\n")
    shown = any("force_markdown" in mark for mark in marks)  # and never run
    marks = [mark for mark in marks if "force_markdown" not in mark]
    if kind == "code" and lang in _CELLS and of_cell(info) and not shown:
        made.parts += marks
        _cell(made, text, lang)
        return True
    if made.again and info in PYTHON and not shown:
        made.parts += marks
        _cell(made, text, info)
        return True
    if kind == "output" and open_cell:
        _output(made, text)
        return True
    if kind in ("code", "output", *_SHELLS):
        info = fence_word(info) if lang in ("other", *_CELLS) else ""
        marks += [SHOWN] if shown or info in _CELLS else []
        made.parts += [*marks, _fenced(text, info or _FENCES.get(lang, "text"))]
    elif kind == "table":
        made.parts.append(_source(made, block) or _table(text))
    elif kind in ("caption", "figure"):
        label = "Figure: " if kind == "figure" else made.labels.get(block["block_id"], "")
        made.parts += [remark_of_kind(kind, label), f"*{plain_words(label + text)}*"]
    elif kind == "footnote":
        made.parts += [remark_of_kind(kind, _NOTE), f"> {_NOTE}{plain_words(text)}"]
    elif source := _source(made, block):
        made.parts.append(source)
    else:
        made.parts.append(
            "\n\n".join(plain_words(line) for line in text.split("\n") if line.strip())
        )
    return False


def _picture(made: Notebook, name: str, words: str) -> None:
    made.parts.append(f"![{plain_words(words)}]({FILES}/{name})")
    if name not in made.files:
        made.files.append(name)


def _cell(made: Notebook, code: str, lang: str) -> None:
    made.parts.append(_fenced(code, lang))
    made.cells += 1


def _output(made: Notebook, text: str) -> None:
    made.parts += [OUTPUT, _fenced(text, "")]
    made.outputs += 1


def _fenced(text: str, info: str) -> str:
    """A fence that is longer than any row of back quotes in it."""
    longest = max((len(found) for found in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{info}\n{text}\n{fence}"


def _source(made: Notebook, block: Plain) -> str | None:
    """What the author wrote, if it says the block's text and nothing else."""
    written = made.sources.get(block["block_id"])
    if block["kind"] == "heading" and written:
        written = written.rpartition("\n")[2]
    if not written:
        return None
    if block["kind"] == "heading":
        kept = written if tail_of(written) == len(written) else None
    else:
        kept = tabled(written) if block["kind"] == "table" else flowed(inlined(written))
    whole = f"# {kept}" if block["kind"] == "heading" else kept
    return kept if kept and whole and says(whole, [block["text"]]) else None


def _boxes(made: Notebook, kind: str, blocks: list[Plain]) -> list[list[Plain]]:
    """The items of a list, or callouts in a row by the box that they stand in."""
    found: list[list[Plain]] = [[]]
    for block in blocks:
        source = (made.sources.get(block["block_id"]) or "").lstrip("> ")
        begins = kind == "callout" and (source.startswith("[!") or says_only(block["text"]))
        if begins and found[-1]:
            found.append([])
        found[-1].append(block)
    return found


def _grouped(made: Notebook, kind: str, blocks: list[Plain]) -> str:
    """Items of a list one below the other; paragraphs of a callout in one quotation."""
    blocks = [block for block in blocks if block["text"].strip()]
    written = [made.sources.get(block["block_id"]) for block in blocks]
    if any(written):
        sign = "* " if kind == "list" else ""
        sources = [
            (source and flowed(inlined(source))) or f"{sign}{plain_words(block['text'])}"
            for source, block in zip(written, blocks, strict=True)
        ]
        whole = in_list(sources) if kind == "list" else in_boxes(sources)
        if says(whole, [block["text"] for block in blocks]):
            return whole
    words = [plain_words(block["text"]) for block in blocks if block["text"].strip()]
    if kind == "list":
        return "\n".join(f"* {word}" for word in words)
    return "\n>\n".join(f"> {word}" for word in words)


def _table(text: str) -> str:
    rows = [parted(row) for row in text.split("\n")]
    wide = max(len(rows[0]), 1)
    lines: list[str] = []
    for number, row in enumerate(rows):
        cells = [*row[: wide - 1], " | ".join(row[wide - 1 :])] if len(row) > wide else row
        cells = [plain_words(cell, cell=True) for cell in cells] + [""] * (wide - len(cells))
        lines.append(f"| {' | '.join(cells)} |")
        if number == 0:
            lines.append(f"|{' --- |' * wide}")
    return "\n".join(lines)


def plain_words(text: str, *, cell: bool = False) -> str:
    """Text as Markdown that says just that: at a line's beginning, or in a ``cell`` of a table."""
    flat = SPECIAL.sub(lambda found: "\\" + found.group(), " ".join(text.split()))
    if cell:
        return flat.replace("|", "&#124;")
    if found := _OPENING.match(flat):
        at = found.end("number") if found["number"] else 0
        flat = f"{flat[:at]}\\{flat[at:]}"
    return flat


def _name(title: str) -> str:
    """A title as Livebook takes it, as it stands; words that Markdown would change are code."""
    flat = " ".join(title.split())
    flat, tail = flat[: tail_of(flat)], flat[tail_of(flat) :]
    if "`" in flat:
        name = SPECIAL.sub(lambda found: "\\" + found.group(), flat)
    else:
        name = " ".join(f"`{word}`" if SPECIAL.search(word) else word for word in flat.split(" "))
    return f"{name}{coded(tail)}" if tail else name


def _deep(title: str) -> str:
    """A title as Markdown that says just that."""
    flat = " ".join(title.split())
    at = tail_of(flat)
    tail = coded(flat[at:]) if flat[at:] else ""
    return f"{plain_words(flat[:at])}{' ' if flat[:at].endswith(' ') else ''}{tail}"


def _titled(row: Plain) -> str:
    """The heading with its printed number, worded so that a reader takes it for one."""
    number, title = row["number"], row["title"]
    if not number:
        return str(title)
    if row["kind"] in ("part", "appendix") and "." not in number:
        return f"{row['kind'].title()} {number}: {title}"
    if number[0].isdigit() and row["level"] > 0:
        return f"{number} {title}" if "." in number or len(number) < 3 else f"{number}. {title}"
    if "." in number:
        return f"{number} {title}"
    return f"{'Part' if row['level'] == 0 else 'Appendix'} {number}: {title}"

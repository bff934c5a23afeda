"""Rows of code back into lines: wraps without a mark, with one, stretched rows, callouts."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from booktune_assets.books.blocks import CODE_KINDS, Limits, Parsed
from booktune_assets.books.formats import parse
from booktune_assets.books.wraps import Wraps

Read = Callable[[Path], Parsed]
SIZE, CELL = 8.0, 4.8  # Courier is 0.6 em wide
COLUMNS = 44
FILLER = "Words of prose that stand between the listings of this small book about tides."
SHORT = "def rise(level), do: level + 1"
CODE = [
    "tide = Enum.map([1, 2, 3, 4], fn level -> level * 2 end)",
    "boats = Map.put(%{name: \"Ann\"}, :harbour, \"Old Town\")",
    "IO.puts(\"the tide is at #{level} and rising, #{name}\")",
    "def high?(level, limit) when level > limit and limit > 0, do: true",
]  # fmt: skip


def wrapped(line: str, *, trailing: str = "", leading: str = "") -> list[str]:
    """A line in rows of ``COLUMNS`` cells, broken at spaces, with the marks of a typesetter."""
    rows: list[str] = []
    room = COLUMNS - (2 if trailing else 0)
    while len(line) > room:
        at = line.rindex(" ", 0, room + 1)
        rows.append(line[:at] + (f" {trailing}" if trailing else ""))
        line = leading + line[at + 1 :]
    return [*rows, line]


def hung(line: str, indent: float) -> list[str]:
    """As ``wrapped``; rows that go on begin with the sign of an indent, in cells."""
    rows = wrapped(line)
    return [rows[0], *(f"\x01{indent}\x01{row}" for row in rows[1:])]


def listings(
    path: Path, groups: list[list[str]], *,
    stretch: bool = False, full: bool = False, bare: bool = False,
) -> Path:  # fmt: skip
    """One page a group of rows, in a grey box that is ``COLUMNS`` cells wide.

    ``full``: the last group goes on at the top of its page. ``bare``: no space is written for an
    indent.
    """
    font = pymupdf.Font("cour")
    with pymupdf.open() as document:
        for rows in groups:
            page = document.new_page(width=400, height=400)
            top = 40 if full and rows is groups[-1] else 115
            for line in range(4 if top == 115 else 0):
                page.insert_text((40, 50 + 14 * line), FILLER[:60], fontname="tiro", fontsize=10)
            bottom = top + 15 + 10 * len(rows)
            page.draw_rect((40, top, 40 + COLUMNS * CELL + 8, bottom), color=None, fill=(0.9,) * 3)
            writer = pymupdf.TextWriter(page.rect)
            for number, row in enumerate(rows):
                gap = 1.0
                if stretch and number < len(rows) - 1 and row.count(" ") and len(row) > 30:
                    gap = 1 + (COLUMNS - len(row)) / row.count(" ")
                x = 44.0
                if row.startswith("\x01"):
                    _, indent, row = row.split("\x01")
                    x += float(indent) * CELL
                inked = len(row) - len(row.lstrip()) if bare else 0
                for place, char in enumerate(row):
                    if place >= inked:
                        writer.append((x, top + 10 + 10 * number), char, font=font, fontsize=SIZE)
                    x += CELL * (gap if char == " " else 1)
            writer.write_text(page)
        document.save(path)
    return path


def code_of(parsed: Parsed) -> list[str]:
    return [block.text for block in parsed.blocks if block.kind in CODE_KINDS]


def test_rows_that_a_typesetter_broke_are_joined(tmp_path: Path, read: Read) -> None:
    groups = [[*wrapped(line), SHORT] for line in CODE]
    found = code_of(read(listings(tmp_path / "a.pdf", groups)))
    assert found == [f"{line}\n{SHORT}" for line in CODE]


@pytest.mark.parametrize("marks", [{"trailing": "\u21b5"}, {"leading": "\u21aa "}])
def test_marks_of_wraps_are_taken_off(tmp_path: Path, marks: dict[str, str]) -> None:
    """Drawn with a font that has the arrows."""
    pytest.importorskip("reportlab")
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    font = Path("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf")
    if not font.exists():
        pytest.skip("DejaVu Sans Mono is not installed")
    pdfmetrics.registerFont(TTFont("mono", str(font)))
    path = tmp_path / "m.pdf"
    canvas = Canvas(str(path), pagesize=(400, 400))
    for line in CODE * 2:
        canvas.setFont("Times-Roman", 10)
        for number in range(4):
            canvas.drawString(40, 350 - 14 * number, FILLER[:60])
        canvas.setFont("mono", SIZE)
        for number, row in enumerate([*wrapped(line, **marks), SHORT]):
            canvas.drawString(44, 275 - 10 * number, row)
        canvas.showPage()
    canvas.save()
    parsed = parse(path, Limits(), lambda done, total: None)
    assert code_of(parsed) == [f"{line}\n{SHORT}" for line in CODE] * 2
    assert {change["kind"] for change in parsed.changes} >= {"wrap_marks", "wraps"}
    kept = parse(path, Limits(repairs_off=("wrap_marks", "wraps")), lambda done, total: None)
    assert any(mark.strip() in "".join(code_of(kept)) for mark in marks.values())
    apart = parse(path, Limits(repairs_off=("wraps",)), lambda done, total: None)
    assert "wraps" not in {change["kind"] for change in apart.changes}
    assert code_of(apart) != code_of(parsed)


LONG = (
    "total = Enum.reduce([one, two, three, four], 0, fn level, sum ->"
    " sum + level * rate(level) end)"
)


@pytest.mark.parametrize("line", [CODE[3], LONG], ids=["two rows", "three rows"])
def test_a_wrap_over_a_page_break_is_joined(tmp_path: Path, read: Read, line: str) -> None:
    rows = wrapped(line)
    groups = [[*wrapped(line), SHORT] for line in CODE[:3]]
    last = [[SHORT] * 24 + rows[:1], [*rows[1:], SHORT]]
    parsed = read(listings(tmp_path / "p.pdf", [*groups, *last], full=True))
    assert code_of(parsed)[-1] == "\n".join([*[SHORT] * 24, line, SHORT])
    assert all((row.lost, row.doubled) == (0, 0) for row in parsed.pages)
    one, two = parsed.blocks[-1].places
    assert one.end <= two.start and parsed.blocks[-1].text[two.start :].startswith(rows[1])


@pytest.mark.parametrize("indent", [2.7, 4.0, 5.3])
def test_wrapped_rows_with_an_indent_of_their_own(
    tmp_path: Path, read: Read, indent: float
) -> None:
    """What LaTeX does: rows that go on are set in by so many points."""
    groups = [[*hung(line, indent), SHORT] for line in CODE]
    found = code_of(read(listings(tmp_path / "h.pdf", groups)))
    assert found == [f"{line}\n{SHORT}" for line in CODE]


@pytest.mark.parametrize("edge", [3.2, 5.4])
def test_wrapped_rows_that_are_set_in_from_the_edge(
    tmp_path: Path, read: Read, edge: float
) -> None:
    """Set in alike whatever the indentation of their line is."""
    groups: list[list[str]] = []
    for number, line in enumerate(CODE):
        rows = wrapped("  " * (number % 3) + line)
        groups.append([rows[0], *(f"\x01{edge}\x01{row}" for row in rows[1:]), SHORT])
    found = code_of(read(listings(tmp_path / "e.pdf", groups)))
    assert found == [f"{'  ' * (number % 3)}{line}\n{SHORT}" for number, line in enumerate(CODE)]


def test_backslashes_at_the_fold_are_taken_off(tmp_path: Path, read: Read) -> None:
    """Rows cut at one column, in words and before spaces; a shell's own backslash stays."""
    groups: list[list[str]] = []
    for line in CODE:
        cut = [line[at : at + COLUMNS - 1] for at in range(0, len(line), COLUMNS - 1)]
        groups.append([*(f"{row}\\" for row in cut[:-1]), cut[-1], SHORT])
    groups.append(["mix new tide \\", "  --sup"])
    parsed = read(listings(tmp_path / "b.pdf", groups))
    assert code_of(parsed) == [*(f"{line}\n{SHORT}" for line in CODE), "mix new tide \\\n  --sup"]
    assert sum(change["kind"] == "wrap_marks" for change in parsed.changes) == len(CODE)
    assert all((row.lost, row.doubled) == (0, 0) for row in parsed.pages)


def test_backslashes_before_rows_that_are_set_in(tmp_path: Path, read: Read) -> None:
    """What LaTeX's listings does with ``prebreak``: broken at spaces, and no more than that."""
    groups: list[list[str]] = []
    for line in CODE:
        cut = textwrap.wrap(line, COLUMNS - 2)
        rows = [row.ljust(COLUMNS - 1) + "\\" for row in cut[:-1]]
        groups.append([*rows, f"\x016.3\x01{cut[-1]}", SHORT])
    found = code_of(read(listings(tmp_path / "p.pdf", groups)))
    assert found == [f"{line}\n{SHORT}" for line in CODE]


def test_marks_that_are_put_together_of_signs(tmp_path: Path, read: Read) -> None:
    """TeX's hooked arrow is two signs of other fonts; without a map they read ``,!``."""
    with pymupdf.open() as document:
        for line in CODE:
            page = document.new_page(width=400, height=300)
            for number in range(4):
                page.insert_text((40, 50 + 14 * number), FILLER[:60], fontname="tiro", fontsize=10)
            for number, row in enumerate([*wrapped(line), SHORT]):
                y = 125 + 10 * number
                if 0 < number < len(wrapped(line)):
                    page.insert_text((44, y), ",", fontname="heit", fontsize=4)
                    page.insert_text((46, y), "!", fontname="helv", fontsize=4)
                    page.insert_text((54, y), row, fontname="cour", fontsize=SIZE)
                else:
                    page.insert_text((44, y), row, fontname="cour", fontsize=SIZE)
        document.save(tmp_path / "s.pdf")
    parsed = read(tmp_path / "s.pdf")
    assert code_of(parsed) == [f"{line}\n{SHORT}" for line in CODE]
    assert all((row.lost, row.doubled) == (0, 0) for row in parsed.pages)


def test_spaces_at_the_ends_of_rows_tell_the_room(tmp_path: Path, read: Read) -> None:
    """The page shows more room than there is, as where its text is set wider than its code."""
    rows = [wrapped(line) for line in CODE]
    with pymupdf.open() as document:
        for parts in rows:
            page = document.new_page(width=400, height=300)
            for number in range(4):
                page.insert_text((40, 50 + 14 * number), FILLER[:60], fontname="tiro", fontsize=10)
            for number, row in enumerate([*(f"{part} " for part in parts[:-1]), parts[-1], SHORT]):
                page.insert_text((44, 125 + 10 * number), row, fontname="cour", fontsize=SIZE)
        document.save(tmp_path / "r.pdf")
    found = code_of(read(tmp_path / "r.pdf"))
    assert found == [f"{line}\n{SHORT}" for line in CODE]


def test_code_that_runs_out_of_its_box_is_never_joined(tmp_path: Path, read: Read) -> None:
    groups = [[line, "x = 1", SHORT] for line in CODE]
    assert code_of(read(listings(tmp_path / "n.pdf", groups))) == ["\n".join(g) for g in groups]


@pytest.mark.parametrize("cell", [1.06, 1.2])
def test_letters_that_stand_in_wider_cells(tmp_path: Path, read: Read, cell: float) -> None:
    """What LaTeX's listings does as it comes: n letters of a word spread over n wider cells."""
    code = ["def rise(level, by) do", "  total = level + by * 2", "  {:ok, total, []}", "end"]
    pages = [[row.replace("rise", f"rise_{n}") for row in code] for n in range(3)]
    path = tmp_path / "g.pdf"
    font = pymupdf.Font("cour")
    with pymupdf.open() as document:
        for rows in pages:
            page = document.new_page(width=400, height=300)
            for line in range(4):
                page.insert_text((40, 50 + 14 * line), FILLER[:60], fontname="tiro", fontsize=10)
            writer = pymupdf.TextWriter(page.rect)
            for number, row in enumerate(rows):
                for word in re.finditer(r"\w+|[^\w\s]+", row):
                    count = word.end() - word.start()
                    gap = CELL * (cell - 1) * count / (count + 1)
                    x = 44 + CELL * cell * word.start() + gap
                    for char in word.group():
                        writer.append((x, 125 + 10 * number), char, font=font, fontsize=SIZE)
                        x += CELL + gap
            writer.write_text(page)
        document.save(path)
    assert code_of(read(path)) == ["\n".join(rows) for rows in pages]


def test_stretched_rows_keep_their_single_spaces(tmp_path: Path, read: Read) -> None:
    groups = [[*wrapped(line), SHORT] for line in CODE]
    found = code_of(read(listings(tmp_path / "s.pdf", groups, stretch=True)))
    assert found == [f"{line}\n{SHORT}" for line in CODE]


def test_the_indent_of_a_stretched_row_is_counted_in_its_own_spaces(
    tmp_path: Path, read: Read
) -> None:
    """A browser's PDF holds those spaces apart from the words, where they became wide."""
    groups = [["def tide do", *wrapped("    " + line), "end"] for line in CODE]
    found = code_of(read(listings(tmp_path / "s.pdf", groups, stretch=True, bare=True)))
    assert found == [f"def tide do\n    {line}\nend" for line in CODE]


def test_whole_lines_that_fill_the_box_stay_apart(tmp_path: Path, read: Read) -> None:
    rows = [
        "tide = Enum.map([1, 2, 3], &rise_of(&1, :a))", "{:ok, tide}",
        "boats = Enum.filter(all, &high?(&1, 3, :ab))", "[first | rest] = boats",
    ]  # fmt: skip
    groups = [rows, [*wrapped(CODE[0]), SHORT], [*wrapped(CODE[1]), SHORT]]
    assert code_of(read(listings(tmp_path / "w.pdf", groups)))[0] == "\n".join(rows)


def test_a_sigil_that_ends_a_full_row_waits_for_nothing(tmp_path: Path, read: Read) -> None:
    body = "x" * (COLUMNS - 9)
    whole = [
        row for sign in "/|" for row in (f"iex> ~s{sign}{body}{sign}", '"the tide comes in"', "")
    ]  # fmt: skip
    parsed = read(listings(tmp_path / "book.pdf", [wrapped(CODE[0]), whole[:-1]]))
    assert code_of(parsed)[-1] == "\n".join(whole[:-1])


def test_code_that_runs_off_the_page_is_whole(tmp_path: Path, read: Read) -> None:
    line = "x = " + " + ".join(f"value_number_{n}" for n in range(12))
    with pymupdf.open() as document:
        page = document.new_page(width=300, height=300)
        page.insert_text((30, 40), FILLER[:50], fontname="tiro", fontsize=10)
        page.insert_text((30, 70), line, fontname="cour", fontsize=8)
        page.insert_text((30, 80), "y = x", fontname="cour", fontsize=8)
        page.insert_text((30, 110), FILLER[:50], fontname="tiro", fontsize=10)
        document.save(tmp_path / "o.pdf")
    assert code_of(read(tmp_path / "o.pdf")) == [f"{line}\ny = x"]


def test_an_underscore_drawn_higher_parts_no_row(tmp_path: Path, read: Read) -> None:
    """TeX may draw it a little higher than the letters behind it."""
    rows = ["iex> case tide do", "...>   1 -> :low", "...>   _ -> :high", "...> end"]
    with pymupdf.open() as document:
        for _ in range(3):
            page = document.new_page(width=400, height=400)
            page.insert_text((40, 40), FILLER[:60], fontname="tiro", fontsize=10)
            for number, row in enumerate(rows):
                y = 70 + 10 * number
                prompt, rest = row.split(" ", 1)
                page.insert_text((44, y), prompt, fontname="cour", fontsize=SIZE)
                x = 44 + CELL * (len(row) - len(rest.lstrip()))
                if "_" in rest:
                    page.insert_text((x, y - 2.2), "_", fontname="cour", fontsize=SIZE)
                    rest, x = rest.replace("_ ", ""), x + 2 * CELL
                page.insert_text((x, y), rest.lstrip(), fontname="cour", fontsize=SIZE)
            page.insert_text((40, 130), FILLER[:60], fontname="tiro", fontsize=10)
        document.save(tmp_path / "u.pdf")
    assert code_of(read(tmp_path / "u.pdf")) == ["\n".join(rows)] * 3


def test_where_wraps_leave_their_spaces_two_words_were_not_one(tmp_path: Path, read: Read) -> None:
    full = ["Note that the tide of all these harbours the", "Boats know."]
    assert len(full[0]) == COLUMNS
    kept = [[f"{rows[0]} ", *rows[1:], SHORT] for rows in (wrapped(line) for line in CODE[:2])]
    groups = [*kept, *kept, ["iex> h Harbour", *full], ["Boats.know(the)", SHORT]]
    assert code_of(read(listings(tmp_path / "h.pdf", groups)))[4] == "\n".join(groups[4])


@pytest.mark.parametrize(
    "line",
    [
        'IO.puts("erts 14.2.1 [source] [64-bit] [smp:8:8] [ds:8:8:10]")',
        "level = round(harbours[:old_town][:piers][:first][:level])",
        "NaiveDateTime.compare(start, the_other, ~N[2015-01-23 23:50:07])",
        "iex> Enum.sort(harbours, fn(x) -> x[:level] > 2 end)",
        "iex> harbour = Map.merge(harbours, old, %{hello: 1, x: 2})",
    ],
)
def test_brackets_at_a_wrap_keep_what_stood_before_them(
    tmp_path: Path, read: Read, line: str
) -> None:
    at = next(n for n in range(COLUMNS, 0, -1) if line[n] in "[{")
    rows = [line[:at].rstrip(), line[at:]]
    groups = [[*wrapped(CODE[0]), SHORT], [*rows, SHORT], [*wrapped(CODE[1]), SHORT]]
    assert code_of(read(listings(tmp_path / "w.pdf", groups)))[1] == f"{line}\n{SHORT}"


@pytest.mark.parametrize(
    ("line", "text", "wanted"),
    [
        ("Interactive Elixir (1.17.3) - press Ctrl+C to exit", "(type h() ENTER for help)", " "),
        ("    |> Harbour.level_of", "(tide, the: harbour, at: now)", ""),
        ("    Enum.map", "(fn one -> one end)", ""),
        ("    assert_high", "(not low and high)", ""),
    ],
)
def test_a_bracket_of_words_is_no_call(line: str, text: str, wanted: str) -> None:
    assert Wraps().joined(line, text, True, "elixir") == f"{line}{wanted}{text}"


@pytest.mark.parametrize(
    ("line", "text", "wanted"),
    [
        ("** (Tide.Error) no tide for Harbour.new", "([]) of a harbour", ""),
        ("opts = [strategy: :one_for_one, name: Harbour.", "Supervisor]", ""),
        ("config :tide, at: fn(_pier) -> Harbour.", "Boats end", ""),
        ("# The tide rises in the Harbour.", "The boats rise, too", " "),
        ("  Tide ->> Harbour: send a message (e.g.", "handle_call/3)", " "),
        ("press Ctrl", "+C to exit (type h() ENTER for help)", ""),
    ],
)
def test_names_are_whole_though_their_row_was_not_full(line: str, text: str, wanted: str) -> None:
    assert Wraps().joined(line, text, False, "elixir") == f"{line}{wanted}{text}"


def test_a_sign_at_the_end_of_a_row_that_is_the_authors(tmp_path: Path, read: Read) -> None:
    """Rows end in it wherever they end, so no typesetter set it; a full one ends there, too."""
    own = ['iex> sentence = "The tide is higher today \u23ce', 'than it was all of the week."']
    short = ['iex> boats = "Ann \u23ce', 'and Old Town"']
    groups = [own, short, *([row] for row in wrapped(CODE[0])[:1] * 2), short]
    found = code_of(read(listings(tmp_path / "own.pdf", groups)))
    assert found[:2] == ["\n".join(own), "\n".join(short)]

"""Markdown as Livebook takes it, whose reader (Earmark) is not quite of CommonMark's mind.

Belongs here: what that reader would drop, run or swallow, written so that it does not. Does not:
notebooks (``notebook.py``), what an author wrote (``mdsource.py``).

Found with its own sources (``docs/why/notebooks.md``): definitions of links are dropped; a line
within a paragraph may begin a list, a table, HTML or a definition; a back quote without a second
takes all that follows up to the next, cells too; words behind a tag where a paragraph begins are
gone; ``#`` and ``{:…}`` at the end of a heading are no text; a fence that says two words is none;
``\\|`` within a table's cell is a new cell once saved; a narrow column that is set right stops it.
"""

from __future__ import annotations

import html
import re

__all__ = ["PYTHON", "SHOWN", "coded", "fence_word", "flowed", "inlined", "tabled", "tail_of"]

SHOWN = '<!-- livebook:{"force_markdown":true} -->'  # to the letter, or it is not taken
PYTHON = {"python": "py", "pyproject.toml": "toml"}  # a mark would not outlive the first save
_DEFINED = re.compile(
    r" *\[(?P<label>(?:\\.|[^\]\\])+)\]: <(?P<href>[^>]*)>(?: (?P<title>\".*\"))?"
)
_TAIL = re.compile(r"\{:[^}]+\}$")
_TAG = r"</?[-\w]+[\s/>]|<!"
_FIRST = re.compile(
    rf"{_TAG}|\{{:[^}}]+\}}$|[=-]+$|#+\s.*\{{:(?!\s*[.#])[^}}]+\}}$|\[[^^].*?\]:\s+\S+(?:\s+[\"'(].*)?$"
)
_LATER = re.compile(
    rf"{_TAG}|\{{:[^}}]+\}}$|\d{{1,9}}[.)]\s|[-*+]\s|#{{1,6}}\s|>|[`~]{{3}}|\||\[[^^].*?\]:\s"
    r"|(?:[-*_]\s?){3,}$|[=-]+$|.*\s\|\s"
)
_MARKER = re.compile(r"^ *(?:[-+*]|\d{1,9}[.)]) +")
_QUOTED = re.compile(r"^(?: *>)* *")
_PIECES = re.compile(r"\\[\s\S]|`+|!?\[|\]|[^\\`!\[\]]+|!")
_CODE = re.compile(r"(?<![`\\])(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.S)
_PIPES = re.compile(r"(?<!\\)\|")


def fence_word(info: str) -> str:
    """What a fence may say: a fence of two words is none, Python's is a cell."""
    word = (info.split() or [""])[0]
    return "" if re.search("[`<&]", word) else PYTHON.get(word, word)


def coded(text: str) -> str:
    """Text as inline code."""
    quotes = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    room = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{quotes}{room}{text}{room}{quotes}"


def tail_of(title: str) -> int:
    """Where the end of a heading begins that is taken for marks, unless it is code."""
    if found := _TAIL.search(title):
        return found.start()
    return title.rfind(" ") + 1 if title.endswith("#") else len(title)


def flowed(source: str) -> str | None:
    """A paragraph or an item so that each of its lines is what it was; None if that cannot be."""
    quoted = source.lstrip().startswith(">")
    lines: list[str] = []
    firsts: list[int] = []
    for line in source.split("\n"):
        bare = _bare(line, quoted)
        if not lines or not _bare(lines[-1], quoted):
            firsts.append(len(lines))
        elif _LATER.match(bare) or len(line) - len(line.lstrip()) > _room(lines[0]):
            lines[-1] = f"{lines[-1].rstrip().removesuffix(chr(92))} {bare}"
            continue
        lines.append(line)
    begun = (_MARKER.sub("", _bare(lines[number], quoted), count=1) for number in firsts)
    return None if any(map(_FIRST.match, begun)) or _left_open(lines) else "\n".join(lines)


def _bare(line: str, quoted: bool) -> str:
    """What a line says within a quotation or none."""
    return (_QUOTED.sub("", line, count=1) if quoted else line).strip()


def _room(first: str) -> int:
    """How far a line may stand to the right of a paragraph or of an item's text."""
    marker = _MARKER.match(first)
    return 3 + (marker.end() if marker else len(first) - len(first.lstrip()))


def _left_open(lines: list[str]) -> bool:
    """Whether a back quote waits for another one; a mark behind a backslash does not count."""
    pending = ""
    for line in lines:
        skipped = False
        for piece in re.findall(r"`+|\\|[^`\\]+", line):
            if pending:
                pending = "" if piece == pending else pending
            elif skipped:
                skipped = False
            elif piece == "\\":
                skipped = True
            elif piece[0] == "`":
                pending = piece
    return bool(pending)


def inlined(source: str) -> str:
    """Links to the definitions below them as links that say where they lead."""
    targets: dict[str, str] = {}
    kept: list[str] = []
    for line in source.split("\n"):
        if found := _DEFINED.fullmatch(line):
            href = found["href"]
            href = f"<{href}>" if re.search(r"[\s()]", href) or not href else href
            targets[_label(found["label"])] = " ".join(filter(None, (href, found["title"])))
        else:
            kept.append(line)
    text = re.sub(r"\n(?: *\n)+", "\n\n", "\n".join(kept)).rstrip()
    return _linked(text, targets) if targets else source


def _label(label: str) -> str:
    return " ".join(label.split()).lower().upper()


def _linked(text: str, targets: dict[str, str]) -> str:
    """``[words][label]``, ``[label][]`` and ``[label]`` as ``[words](target)``."""
    pieces: list[str] = []
    opened: list[int] = []  # where the brackets stand that are open
    at = 0
    while at < len(text):
        piece = code.group() if (code := _CODE.match(text, at)) else _PIECES.match(text, at)
        piece = piece if isinstance(piece, str) else piece.group() if piece else text[at]
        at += len(piece)
        if piece in ("[", "!["):
            opened.append(len(pieces))
        if piece != "]" or not opened:
            pieces.append(piece)
            continue
        begun = opened.pop()
        words = "".join(pieces[begun + 1 :])
        named = re.compile(r"\[((?:\\.|[^\[\]\\])*)\]").match(text, at)
        target = targets.get(_label((named and named[1]) or words))
        pieces.append(f"]({target})" if target and text[at : at + 1] != "(" else "]")
        if named and target:
            at = named.end()
    return "".join(pieces)


def tabled(written: str) -> str:
    """A table whose cells hold no bar, not even in code, and are wide enough to be centred."""
    rows = [_PIPES.split(line.strip())[1:-1] for line in written.split("\n")]
    if len(rows) < 2:
        return written
    rows = [[_barless(cell.strip()) for cell in row] for row in rows]
    for column, rule in enumerate(rows[1]):
        cells = [
            row[column] for number, row in enumerate(rows) if number != 1 and column < len(row)
        ]
        if rule.endswith(":") and max(map(len, cells), default=0) < rule.count(":"):
            rows[1][column] = "---"
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _barless(cell: str) -> str:
    """A cell with its bars as entities; code that has one is code of HTML."""
    if "\\|" not in cell:
        return cell
    found = _CODE.sub(
        lambda one: (
            f"<code>{html.escape(one[2].strip()).replace(chr(92) + '|', '&#124;')}</code>"
            if "\\|" in one[2] else one[0]
        ),
        cell,
    )  # fmt: skip
    return found.replace("\\|", "&#124;")

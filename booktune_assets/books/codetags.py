"""Which elements of (X)HTML hold code, and what mark-up says of its language.

Belongs here: ``pre``, paragraphs that are lines of code, tables with a column of line numbers. Does
not: the text of a listing (``htmlcode.py``), languages (``lang.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from booktune_assets.books.elements import (
    BREAKS,
    MARK,
    classes_of,
    everything,
    is_regular,
    tag_of,
)
from booktune_assets.books.styles import Styles

__all__ = [
    "begins", "ends", "fence_of", "is_all_code", "is_code_paragraph", "is_code_table", "is_listing",
    "is_number_column",
]  # fmt: skip

# The words that name code in class names, as a whole or before a place (first, last, a number).
_CODE = re.compile(
    r"(?:[a-z0-9]+[-_]+)*?(?:source-?code|src-?code|program-?code|program-?listing|code-?listing"
    r"|codelines?|code-?block|code-?line|code-?para(?:graph)?|listing-?code|code-?text|fixed-?line"
    r"|(?:html-?)?preformatted(?:-?text)?|code|programs?|(?<=[-_])source|verbatim|literal-?layout)"
    r"(?:(?<=code)[abc](?:wide)?$|(?<=code)(?:single|snippet|wide|screen))?"
    r"(?:[-_\d]|first|last|mid|middle|start|end|top|bottom|only|indent|sub|line|block|para|small)*"
)
_COUNTED = frozenset({"linenums", "line-numbers", "linenumbers", "code-lines"})  # of lists
_FIRST, _LAST = (
    re.compile(r"[-_]?(?:first|start|top|only|(?<=code)a|(?<=code)single)\d*$"),
    re.compile(r"[-_]?(?:last|end|bottom|only|(?<=code)c|(?<=code)single)\d*$"),
)
_TITLED = re.compile(r"(?:[a-z]+[-_])?captions?(?:content|number|text|[-_]\w+)?")
_HOLDS = frozenset({"pre", "table", "img", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6"})
_PRES, _RUN = 3, 20  # of one line that make a listing; how many are looked at on each side
_VERSE = frozenset({"verse", "verseblock", "poetry", "poem"})  # keeps its lines, and is no code
_CODE_TAGS = frozenset({"code", "tt", "kbd", "samp"})
_NUMBERISH = re.compile(r"(?:line\s*)?\d{0,4}[.:|-]?|[-\u00bb>\u2022\u25b6\u25ba\u2192*]", re.I)
_KNOWN = frozenset({
    "elixir", "erlang", "iex", "bash", "sh", "shell", "console", "json", "html", "sql", "yaml",
    "text", "output", "javascript", "ruby", "python", "xml", "css", "eex", "heex",
    "dockerfile", "makefile",
})  # fmt: skip
_AROUND = 3  # boxes of a cell's output around what was printed
_PRINTED = re.compile(
    r"cell[-_]output(?:[-_](?:stdout|stderr|display|error))?|output_(?:area|text|subarea|wrapper)|outputs?"
    r"|jp-(?:outputarea(?:-(?:output|child))?|renderedtext|cell-outputarea|cell-outputwrapper)"
)
_PREFIXES = (
    "language-",
    "lang-",
    "highlight-source-",
    "src-",
    "brush:",
    "sourcecode-",
    "highlight-",
)


def is_listing(element: Any, styles: Styles) -> bool:
    """Whether a block element is a whole listing: ``pre``, or a holder that is named or set so."""
    tag = tag_of(element)
    if tag in ("pre", "listing", "xmp"):
        return not _VERSE & {*classes_of(element), *classes_of(element.getparent())}
    if tag == "code":  # a block of its own, though no ``pre`` is around it
        return _broken(element) or (
            "\n" in everything(element).strip() and styles.keeps_lines(element)
        )  # fmt: skip
    if tag in ("ol", "ul"):
        return _of_lines(element, styles)
    if tag not in ("div", "figure", "section", "blockquote") or not _named(element, styles):
        return False
    inner = [one for one in element.iter() if one is not element]
    if any(_TITLED.fullmatch(word) for one in inner for word in classes_of(one)):
        return False
    return not _HOLDS & {tag_of(one) for one in inner}


def _broken(element: Any) -> bool:
    """Whether inline code is broken into lines and stands alone between blocks."""
    if not any(tag_of(one) == "br" for one in element.iter()):
        return False
    above, before = element.getparent(), element.getprevious()
    if above is None or tag_of(above) not in ("body", "div", "section", "article", "figure"):
        return False
    if before is not None and tag_of(before) not in BREAKS:
        return False
    said = above.text if before is None else before.tail
    return not (said or "").strip() and not (element.tail or "").strip()


def _of_lines(element: Any, styles: Styles) -> bool:
    """Whether a list is named code and its items are lines of it."""
    items = [one for one in element if tag_of(one)]
    named = _named(element, styles) or bool(_COUNTED & set(classes_of(element)))
    return bool(items) and named and all(
        tag_of(one) == "li" and (_only_code(one) or styles.keeps_lines(one)) for one in items
    )  # fmt: skip


def is_code_paragraph(element: Any, styles: Styles) -> bool:
    """Whether a paragraph is one line (or a few) of a listing."""
    tag = tag_of(element)
    if tag == "pre":
        return _is_line_of_pres(element)
    if tag not in ("p", "div", "li"):
        return False
    if any(tag_of(one) in BREAKS or tag_of(one) == "img" for one in element.iterdescendants()):
        return False
    return _named(element, styles)


def is_all_code(element: Any, styles: Styles) -> bool:
    """Whether all words of a paragraph stand in inline code: maybe a line of a listing."""
    if tag_of(element) not in ("p", "div", "blockquote") or (element.text or "").strip():
        return False
    above = element.getparent()
    if above is not None and tag_of(above) in ("li", "dt", "dd") and len(above) == 1:
        return False  # an item of a list
    children = [one for one in element if tag_of(one)]
    held = [one for one in children if tag_of(one) in _CODE_TAGS or styles.is_mono(one)]
    bare = [one for one in children if tag_of(one) == "br" or one.get(MARK)]
    others = [one for one in children if one not in held and one not in bare]
    if any(tag_of(one) in BREAKS for one in element.iterdescendants()):
        return False
    return bool(held) and not others and not any((one.tail or "").strip() for one in children)


def _is_line_of_pres(element: Any) -> bool:
    """Whether a ``pre`` is one line of a listing whose lines each have one of their own."""
    if not _one_lined(element):
        return False
    run = [element]
    for way in ("getprevious", "getnext"):
        near = element
        for _ in range(_RUN):
            after = getattr(near, way)()
            upper = after if way == "getprevious" else near
            if after is None or not _one_lined(after) or (upper.tail or "").strip():
                break
            near = after
            run.append(near)
    texts = [everything(one) for one in run]
    return len(run) >= _PRES and any(
        text[:1] in (" ", "\t", "\u00a0") for text in texts if text.strip()
    )


def _one_lined(element: Any) -> bool:
    inner = any(tag_of(one) == "br" for one in element.iter())
    return tag_of(element) == "pre" and not inner and "\n" not in everything(element).strip("\n")


def begins(element: Any) -> bool:
    """Whether a paragraph is named the first of a listing."""
    return any(_CODE.fullmatch(word) and _FIRST.search(word) for word in classes_of(element))


def ends(element: Any) -> bool:
    """Whether a paragraph is named the last of a listing."""
    return any(_CODE.fullmatch(word) and _LAST.search(word) for word in classes_of(element))


def _named(element: Any, styles: Styles) -> bool:
    if any(_CODE.fullmatch(word) for word in classes_of(element)):
        return True
    return styles.is_mono(element)


def is_code_table(table: Any) -> bool:
    """Whether a table sets a listing, one row a line: a cell is code, the others count or mark."""
    rows = [row for row in table.iter() if tag_of(row) == "tr"]
    cells = [[c for c in row if tag_of(c) in ("td", "th")] for row in rows]
    inner = [tag_of(one) for one in table.iter() if one is not table]
    if (
        not cells
        or not is_regular(table)
        or {"p", "ul", "ol", "table", "img"} & set(inner)
        or ("pre" in inner and len(rows) < 2)
    ):
        return False
    named = any(_CODE.fullmatch(word) or "processedcode" in word for word in classes_of(table))
    held = all(row and all(_counts(cell) for cell in row[:-1]) for row in cells)
    if named and held:
        return True
    return held and len(cells[0]) > 1 and all(
        any(_CODE.fullmatch(word) for word in classes_of(row[-1])) or _only_code(row[-1])
        for row in cells
    )  # fmt: skip


def _counts(cell: Any) -> bool:
    return bool(_NUMBERISH.fullmatch("".join(everything(cell).replace("\u200b", "").split())))


def _only_code(cell: Any) -> bool:
    inner = [one for one in cell if tag_of(one)]
    return bool(inner) and not (cell.text or "").strip() and all(
        tag_of(one) in _CODE_TAGS | {"pre"} and not (one.tail or "").strip() for one in inner
    )  # fmt: skip


def is_number_column(element: Any) -> bool:
    """Whether a ``pre``, or a cell beside one, only counts the lines of the one beside it."""
    tag = tag_of(element)
    beside = element.getnext() if tag in ("td", "th") else None
    if tag != "pre" and (beside is None or not any(tag_of(one) == "pre" for one in beside.iter())):
        return False
    words = [part for text in element.itertext() for part in str(text).split()]
    cell = next((one for one in element.iterancestors() if tag_of(one) in ("td", "th")), None)
    if tag == "pre" and (cell is None or not _has_code(cell.getnext())):
        return False  # what a listing beside it printed
    if not words or not all(map(str.isdecimal, words)):
        return False
    if tag != "pre" and len(words) < 2:  # a cell of a table
        return False
    return [int(word) for word in words] == list(range(int(words[0]), int(words[0]) + len(words)))


def _has_code(cell: Any) -> bool:
    """Whether a cell beside another holds a listing."""
    if cell is None:
        return False
    named = any(_CODE.fullmatch(word) for word in classes_of(cell))
    return named or any(tag_of(one) in ("pre", "code") for one in cell.iter())


def fence_of(element: Any) -> str:
    """The language named by mark-up: of ``pre``, of ``code`` in it, or of the ``div`` around."""
    around = [one for _, one in zip(range(_AROUND), element.iterancestors(), strict=False)]
    if any(_PRINTED.fullmatch(word) for one in around for word in classes_of(one)):
        return "output"
    near = [element, *[e for e in element if tag_of(e) == "code"], element.getparent()]
    words = [word for one in near if one is not None for word in _words(one)]
    for word in words:
        for prefix in _PREFIXES:
            if word.startswith(prefix):
                return word.removeprefix(prefix)
    return next((word for word in words if word in _KNOWN), "")


def _words(element: Any) -> Iterator[str]:
    for name in ("data-code-language", "data-lang", "data-language"):
        if said := (element.get(name) or "").lower():
            yield f"lang-{said}"
    yield from classes_of(element)

"""Marks of Markdown dialects that CommonMark takes for words: rules for the parser.

Belongs here: Jekyll's and Hugo's listings and tags, attributes of Kramdown and Markua (Leanpub),
Markua's asides, GitBook's and Hugo's boxes, MkDocs' tabs, mdBook's includes, scripts of MDX, lines
of TeX. Does not: directives (``mddirectives.py``), marks within a paragraph (``mdinline.py``),
other syntax (``mdparser.py``), what becomes of the tokens (``markdown.py``).

Every rule asks for a whole line that means nothing else: a tuple in a paragraph is no attribute.
"""

from __future__ import annotations

import re
from typing import Any

__all__ = ["add_dialects", "attributes_of", "titled_box"]

_LISTING = re.compile(
    r"\{%-?\s*highlight\s+(?P<jekyll>[\w+#.-]+)[^%]*%\}"
    r"|\{\{[<%]\s*highlight\s+\"?(?P<hugo>[\w+#.-]+)[^>%]*[>%]\}\}"
)
_LISTED = {
    "jekyll": re.compile(r"\{%-?\s*endhighlight\s*-?%\}"),
    "hugo": re.compile(r"\{\{[<%]\s*/\s*highlight\s*[>%]\}\}"),
}
_TAGS = re.compile(r"(?:\{%[^{}]*%\}\s*|\{\{[<%][^{}]*[>%]\}\}\s*)+")
_KEYS = (
    "align|alt|book|caption|class|column-widths|crop-(?:start|end)(?:-line)?|encoding|float|format"
    "|height|icon|id|lang|leanpub-[a-z-]+|line-?numbers|linenos|number-from|sample"
    "|starting-line-number|title|type|width"
)
_VALUE = r"(?:\"[^\"{}]*\"|'[^'{}]*'|[^\s,\"'{}=:][^\s,\"'{}]*)"
_PAIR = re.compile(rf"(?P<key>{_KEYS})\s*[=:]\s*(?P<value>{_VALUE})")
_MARKUA = re.compile(
    rf"\{{\s*(?:(?:{_KEYS})\s*[=:]\s*{_VALUE}|#[\w-]+)(?:\s*,\s*(?:(?:{_KEYS})\s*[=:]\s*{_VALUE}"
    r"|#[\w-]+))*\s*\}|\{(?:front|main|back)matter\}|\{pagebreak\}"
)
_KRAMDOWN = re.compile(
    r"\{:(?:\s*(?:[.#][\w-]+|[a-z][\w-]*=\"[^\"{}]*\"|[a-z][\w-]*='[^'{}]*'))+\s*\}"
    r"|\{:toc\}|\{:\s+toc\s*\}|\{::[a-z]\w*(?:\s[^{}]*)?/?\}|\{:/[a-z]*\}"
)
_LABEL = re.compile(r"\((?P<name>[\w:.-]+)\)=")
_INCLUDED = re.compile(r"<<(?:\[[^\]]*\])?\([^()]+\)|--8<--\s+\"[^\"]+\"|\{\{#[a-z_]+\s[^{}]*\}\}")
# Lines of MDX that are JavaScript; in a book on Elixir `import Enum` is none.
_SCRIPT = re.compile(
    r"import\s[^'\"]{1,200}\sfrom\s+(?:'[^']+'|\"[^\"]+\");?|import\s+(?:'[^']+'|\"[^\"]+\");?"
    r"|export\s+(?:const|default|function)\s.*;|\{/\*.*\*/\}"
)
_LANGUAGE = re.compile(r"\.(?:language-|lang-)?(?P<lang>[a-z][\w-]*)")
_ASIDE = re.compile(r"(?P<sign>[ABDEIQTWX])>(?: |$)")
_OPEN = re.compile(r"\{(?P<name>aside|blurb)(?:\s*,[^{}]*)?\}")
_CLOSED = {name: re.compile(rf"\{{/{name}\}}") for name in ("aside", "blurb")}
_TAB = re.compile(r"===[+!]? \"(?P<title>[^\"]+)\"")
_TAB_ROOM = 4
_LONG = 400  # characters of a line of marks
_ENDS = ["paragraph", "reference", "blockquote", "list"]  # what such a line ends
_BRACKETED = re.compile(r"[\w-]+\[(?P<title>.*)\]\s*(?:\{.*\})?")  # ``tip[Title]``
_DIRECTED = re.compile(r"\{[a-z][\w:-]*\}(?P<title>.*)")  # ``{tip} Title``
_SETS = re.compile(  # ``{.exercise}``, ``{exercise} label``, ``{#exr-count}``, ``{#sol-count}``
    r"\{(?:(?P<task>(?:[^{}]*[.\s])?exercise\b|[^{}]*#exr-)"
    r"|(?P<answer>(?:[^{}]*[.\s])?solution\b|[^{}]*#sol-))"
)
_BOXES = (
    "hint|notice|callout|admonition|alert|note|tip|warning|info|caution|danger|important|details"
    "|aside|sidebar|blurb|question|expand"
)
_TAGGED = re.compile(
    rf"\{{%-?\s*(?P<liquid>{_BOXES})\b[^%]*%\}}|\{{\{{[<%]\s*(?P<hugo>{_BOXES})\b[^{{}}]*[>%]\}}\}}"
)
_TAG_TITLE = re.compile(r"title=\"(?P<title>[^\"]*)\"")
_TEX = re.compile(
    r"\\(?:new|clear|cleardouble)?page(?:break)?|\\(?:front|main|back)matter|\\tableofcontents"
    r"|\\listof[a-z]+|\\appendix|\\maketitle|\\printindex|\\noindent|\\(?:vspace|hspace)\{[^{}]*\}"
    r"|\[\[?_?toc_?\]?\]|\$\{toc\}", re.I,
)  # fmt: skip
_BOX_TITLE = re.compile(r"title=\"(?P<title>[^\"]*)\"")


def add_dialects(parser: Any) -> None:
    """Teach the marks to a parser."""
    for name, rule in (
        ("listing", _listing), ("aside", _aside), ("marks", _marks), ("tab", _tab),
    ):  # fmt: skip
        parser.block.ruler.before("fence", f"dialect_{name}", rule, {"alt": _ENDS})


def attributes_of(line: str) -> dict[str, str]:
    """What a line of attributes says: ``lang``, ``title``, ``id``, ``class``, ``above``."""
    if line.startswith("{:"):
        found = _LANGUAGE.search(line)
        return {"above": found["lang"]} if found else {}
    if label := _LABEL.fullmatch(line):
        return {"id": label["name"]}
    said = {one["key"]: one["value"].strip("\"'") for one in _PAIR.finditer(line)}
    if named := re.search(r"[{,]\s*#(?P<id>[\w-]+)", line):
        said["id"] = named["id"]
    lang, title = said.get("format") or said.get("lang"), said.get("caption") or said.get("title")
    chosen = {"lang": lang, "title": title, "id": said.get("id"), "class": said.get("class")}
    return {key: value for key, value in chosen.items() if value}


def titled_box(info: str) -> str:
    """The title of a container: behind its name, or an attribute of it."""
    info = info.strip()
    if found := _SETS.search(info):
        return "Exercise" if found["task"] else "Solution"
    if info.startswith("{"):
        found = _BOX_TITLE.search(info) or _DIRECTED.fullmatch(info)
        return found["title"].strip() if found else ""
    if found := _BRACKETED.fullmatch(info):
        return found["title"].strip()
    title = info.partition(" ")[2].strip()
    return "" if title.startswith("{") else title


def _line(state: Any, number: int) -> str:
    """A line without what stands around it; empty where it is code or long."""
    start, end = state.bMarks[number] + state.tShift[number], state.eMarks[number]
    if state.is_code_block(number) or end - start > _LONG:
        return ""
    return str(state.src[start:end]).rstrip()


def _listing(state: Any, start: int, end: int, silent: bool) -> bool:
    line = _line(state, start)
    found = _LISTING.fullmatch(line) if line.startswith("{") else None
    if found is None:
        return False
    way = str(found.lastgroup)
    close = _closing(state, _LISTED[way], start, end)
    if close is None:
        return False
    if not silent:
        token = state.push("fence", "code", 0)
        token.info, token.markup, token.map = found[way], "```", [start, close + 1]
        token.content = state.getLines(start + 1, close, state.sCount[start], True)
        state.line = close + 1
    return True


def _closing(state: Any, wanted: re.Pattern[str], start: int, end: int) -> int | None:
    """The next line that is what is wanted; where none is, no later line looks for it again."""
    missed: dict[str, int] = state.env.setdefault("dialect_missed", {})
    if start >= missed.get(wanted.pattern, end):
        return None
    found = next((n for n in range(start + 1, end) if wanted.fullmatch(_bare(state, n))), None)
    if found is None and end == len(state.bMarks) - 1:
        missed[wanted.pattern] = start
    return found


def _bare(state: Any, number: int) -> str:
    return str(state.src[state.bMarks[number] : state.eMarks[number]]).strip()


def _marks(state: Any, start: int, end: int, silent: bool) -> bool:
    line = _line(state, start)
    if line[:1] not in ("{", "(", "<", "-", "\\", "[", "$") and not line.startswith(
        ("import ", "export ")
    ):
        return False
    known = (_TEX, _TAGS, _MARKUA, _KRAMDOWN, _LABEL, _INCLUDED, _SCRIPT)
    if not any(one.fullmatch(line) for one in known):
        return False
    if not silent:
        token = state.push("marks", "", 0)
        token.content, token.map = line, [start, start + 1]
        state.line = start + 1
    return True


def _aside(state: Any, start: int, end: int, silent: bool) -> bool:
    """Lines that begin with ``A>``, or what stands between ``{aside}`` and ``{/aside}``."""
    line = _line(state, start)
    if opened := _OPEN.fullmatch(line) or _TAGGED.fullmatch(line):
        title = _TAG_TITLE.search(line) if opened.re is _TAGGED else None
        close = _closing(state, _closer(opened), start, end)
        if close is None:
            return False
        if not silent:
            words = f'{{title="{title["title"]}"}}' if title else ""
            _boxed(state, "box", start + 1, close, close + 1, words)
        return True
    found = _ASIDE.match(line)
    if found is None:
        return False
    if silent:
        return True
    stop = start + 1
    while stop < end and _begins(state, stop, f"{found['sign']}>"):
        stop += 1
    saved = [(state.bMarks[n], state.tShift[n], state.sCount[n]) for n in range(start, stop)]
    for number in range(start, stop):
        at = state.bMarks[number] + state.tShift[number] + 2
        at += state.src[at : at + 1] == " "
        rest = state.src[at : state.eMarks[number]]
        room = len(rest) - len(rest.lstrip(" \t"))
        state.bMarks[number], state.tShift[number], state.sCount[number] = at, room, room
    outer, state.blkIndent = state.blkIndent, 0
    _boxed(state, "box", start, stop, stop)
    state.blkIndent = outer
    for number, kept in enumerate(saved, start):
        state.bMarks[number], state.tShift[number], state.sCount[number] = kept
    return True


def _closer(opened: re.Match[str]) -> re.Pattern[str]:
    """What ends a box."""
    name = opened[opened.lastgroup or ""]
    if opened.lastgroup == "name":
        return _CLOSED[name]
    if opened.lastgroup == "liquid":
        return re.compile(rf"\{{%-?\s*end{name}\s*-?%\}}")
    return re.compile(rf"\{{\{{[<%]\s*/\s*{name}\s*[>%]\}}\}}")


def _begins(state: Any, number: int, sign: str) -> bool:
    return (not state.is_code_block(number) and _line(state, number).startswith(sign)) or bool(
        state.src.startswith(sign, state.bMarks[number] + state.tShift[number])
    )  # fmt: skip


def _tab(state: Any, start: int, end: int, silent: bool) -> bool:
    """A title, and lines that are set in below it."""
    line = _line(state, start)
    found = _TAB.fullmatch(line) if line.startswith("===") else None
    if found is None:
        return False
    room = state.sCount[start] + _TAB_ROOM
    stop = last = start + 1
    while stop < end and (state.isEmpty(stop) or state.sCount[stop] >= room):
        stop += 1
        last = stop if not state.isEmpty(stop - 1) else last
    if last == start + 1:
        return False
    if not silent:
        outer, state.blkIndent = state.blkIndent, room
        _boxed(state, "tab", start + 1, last, last, found["title"])
        state.blkIndent = outer
    return True


def _boxed(state: Any, name: str, start: int, stop: int, after: int, title: str = "") -> None:
    """Read lines as a text of their own, between two tokens."""
    parent, state.parentType = state.parentType, "container"
    most, state.lineMax = state.lineMax, stop
    token = state.push(f"{name}_open", "div", 1)
    token.info, token.map = title, [start, after]
    state.md.block.tokenize(state, start, stop)
    state.push(f"{name}_close", "div", -1)
    state.parentType, state.lineMax, state.line = parent, most, after

"""Reads the Markdown source of the sample book into chapters and typed nodes.

All renderers start from the same nodes, so PDF, EPUB and Livebook cannot drift apart in content.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token

HERE = Path(__file__).parent
NAME = "first-steps-on-the-beam"
SOURCE = HERE / f"{NAME}.md"

CAPTION = re.compile(r"^(Listing|Table) (\d+\.\d+)\.$")
EXERCISE = re.compile(r"^(Exercise|Answer) (\d+\.\d+)\.$")
REFERENCE = re.compile(
    r"\b(?:(Listing|Table|Figure|Exercise) (\d+\.\d+)|(Chapter) (\d+)|(Appendix) ([A-Z]))\b"
)
Linker = Callable[[str, str], str]


@dataclass
class Node:
    """A piece of a chapter: heading, para, caption, code, note, table or figure."""

    kind: str
    id: str = ""
    inline: list[Token] = field(default_factory=list)
    text: str = ""
    language: str = ""
    info: str = ""
    rows: list[list[list[Token]]] = field(default_factory=list)
    src: str = ""
    markdown: str = ""


@dataclass
class Chapter:
    """A chapter with its label ("Chapter 3", empty for the preface), title and nodes."""

    id: str
    label: str
    title: str
    nodes: list[Node] = field(default_factory=list)

    @property
    def heading(self) -> str:
        """The heading as it stands in the source."""
        return f"{self.label}. {self.title}" if self.label else self.title


@dataclass
class Book:
    """Front matter and chapters."""

    meta: dict[str, str]
    chapters: list[Chapter]

    def home_of(self) -> dict[str, str]:
        """Maps the id of everything that can be referred to onto the id of its chapter."""
        homes = {chapter.id: chapter.id for chapter in self.chapters}
        for chapter in self.chapters:
            homes.update({node.id: chapter.id for node in chapter.nodes if node.id})
        return homes


def slug(text: str) -> str:
    """An id made of a heading."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def read_front_matter(text: str) -> tuple[dict[str, str], str]:
    """Splits off the front matter, which uses only plain `key: value` lines."""
    found = re.match(r"\A---\n(.*?)\n---\n", text, re.DOTALL)
    if not found:
        raise ValueError("the source has no front matter")
    pairs = (line.split(":", 1) for line in found.group(1).splitlines())
    return {key.strip(): value.strip() for key, value in pairs}, text[found.end() :]


def split_heading(heading: str) -> Chapter:
    """Makes an empty chapter of a first-level heading."""
    found = re.match(r"^((?:Chapter|Appendix) \w+)\. (.+)$", heading)
    label, title = found.groups() if found else ("", heading)
    return Chapter(slug(label or title), label, title)


def inline_markup(tokens: list[Token], tags: dict[str, tuple[str, str]], link: Linker) -> str:
    """Turns inline tokens into markup; `link` wraps a reference given its id and text."""
    parts: list[str] = []
    for token in tokens:
        if token.type == "text":
            parts.append(_with_links(token.content, link))
        elif token.type == "code_inline":
            before, after = tags["code"]
            parts.append(before + escape(token.content) + after)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif token.type.endswith(("_open", "_close")):
            name, side = token.type.rsplit("_", 1)
            parts.append(tags[name][side == "close"])
        else:
            raise ValueError(f"the renderers do not know the inline token {token.type}")
    return "".join(parts)


def _with_links(text: str, link: Linker) -> str:
    parts: list[str] = []
    last = 0
    for found in REFERENCE.finditer(text):
        kind, number = (group for group in found.groups() if group)
        parts += [escape(text[last : found.start()]), link(slug(f"{kind} {number}"), found.group())]
        last = found.end()
    return "".join([*parts, escape(text[last:])])


def plain(tokens: list[Token]) -> str:
    """The text of inline tokens without any markup."""
    return "".join(" " if t.type == "softbreak" else t.content for t in tokens)


def _paragraph(inline: Token) -> Node:
    children = inline.children or []
    first = children[0]
    if first.type == "image":
        alt = first.content
        number = alt.split(".")[0] + "." + alt.split(".")[1]
        source = str(first.attrs["src"])
        return Node("figure", slug(number), children, alt, src=source, markdown=inline.content)
    # Bold text at the start gives the paragraph its number: a caption, an exercise, an answer.
    # (The parser puts an empty text in front of it.)
    strong = next((t for t in children[:3] if t.type == "text" and t.content), first).content
    for pattern, kind in ((CAPTION, "caption"), (EXERCISE, "para")):
        if found := pattern.match(strong):
            name = slug(" ".join(found.groups()))
            return Node(kind, name, children, markdown=inline.content)
    return Node("para", inline=children, markdown=inline.content)


def _table(tokens: list[Token]) -> Node:
    rows: list[list[list[Token]]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(token.children or [])
    return Node("table", rows=rows)


def _closing(tokens: list[Token], start: int) -> int:
    """The position of the token that closes the block opened at `start`."""
    opened = tokens[start]
    wanted = (opened.type.replace("_open", "_close"), opened.level)
    return next(i for i in range(start, len(tokens)) if (tokens[i].type, tokens[i].level) == wanted)


def _block_node(tokens: list[Token], lines: list[str]) -> Node:
    opened = tokens[0]
    first, last = opened.map or [0, 0]
    if opened.type == "fence":
        language = opened.info.split()[0]
        return Node("code", text=opened.content, language=language, info=opened.info)
    if opened.type == "paragraph_open":
        return _paragraph(tokens[1])
    if opened.type == "heading_open":
        text = plain(tokens[1].children or [])
        return Node("heading", slug(text), tokens[1].children or [], text)
    source = "\n".join(lines[first:last])
    if opened.type == "blockquote_open":
        inline = next(token for token in tokens if token.type == "inline")
        return Node("note", inline=inline.children or [], markdown=source)
    if opened.type == "table_open":
        node = _table(tokens)
        node.markdown = source
        return node
    raise ValueError(f"the renderers do not know the block {opened.type}")


def read_book(path: Path = SOURCE) -> Book:
    """Reads the whole book."""
    meta, body = read_front_matter(path.read_text(encoding="utf-8"))
    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    lines = body.split("\n")
    chapters: list[Chapter] = []
    position = 0
    while position < len(tokens):
        opened = tokens[position]
        end = position if opened.type == "fence" else _closing(tokens, position)
        if opened.tag == "h1":
            chapters.append(split_heading(tokens[position + 1].content))
        else:
            node = _block_node(tokens[position : end + 1], lines)
            if node.kind == "heading":
                # "Exercises" occurs in each chapter, so the id needs the chapter.
                node.id = f"{chapters[-1].id}-{node.id}"
            chapters[-1].nodes.append(node)
        position = end + 1
    return Book(meta, chapters)

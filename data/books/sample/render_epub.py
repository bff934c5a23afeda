"""Renders the sample book as an EPUB 3.

The archive is written without compression and with a fixed date, so its bytes depend on nothing
but the source.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from book_source import HERE, Book, Chapter, Node, inline_markup, plain

TAGS = {"em": ("<em>", "</em>"), "strong": ("<strong>", "</strong>"), "code": ("<code>", "</code>")}
# The earliest date that a ZIP archive can hold.
EPOCH = (1980, 1, 1, 0, 0, 0)
CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles>
    <rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/>
  </rootfiles>
</container>
"""
CSS = """body { font-family: serif; line-height: 1.4; margin: 0 4%; }
h1, h2 { font-family: sans-serif; color: #2b4a6f; line-height: 1.2; }
p { text-align: justify; margin: 0 0 0.7em 0; }
p.caption { text-align: left; margin: 1em 0 0.3em 0; font-size: 0.92em; page-break-after: avoid; }
pre { font-family: monospace; font-size: 0.82em; line-height: 1.3; white-space: pre-wrap;
  background: #f3f5f9; border-left: 3px solid #2b4a6f; padding: 0.6em 0.8em; }
pre.iex, pre.erl { background: #f8f5ec; border-left-color: #b08a3a; }
pre.erlang { background: #f8f3f4; border-left-color: #a02a4a; }
pre.text { background: #f1f1f1; border-left-color: #9aa0a8; }
code { font-family: monospace; font-size: 0.9em; }
pre code { font-size: 1em; }
table { border-collapse: collapse; margin: 0 0 1em 0; border-top: 2px solid #1a202c;
  border-bottom: 2px solid #1a202c; }
th, td { text-align: left; vertical-align: top; padding: 0.25em 0.8em 0.25em 0;
  border-bottom: 1px solid #c5ccd6; }
aside { background: #eef4ee; border-left: 3px solid #4a7c59; padding: 0.5em 0.8em; margin: 1em 0; }
figure { margin: 1em 0; text-align: center; }
figcaption { font-size: 0.92em; }
a { color: inherit; text-decoration: none; }
.label { font-family: sans-serif; font-size: 0.85em; color: #5f6b7a; margin-bottom: 0; }
"""


class EpubBook:
    """Turns the nodes of the book into XHTML files."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.homes = book.home_of()

    def markup(self, tokens: list[Any], here: str, own: str = "") -> str:
        """Inline markup with links to what the text refers to, unless that is the text itself."""

        def link(target: str, text: str) -> str:
            home = self.homes.get(target)
            if home is None or target == own:
                return text
            file = "" if home == here else f"{home}.xhtml"
            return f'<a href="{file}#{target}">{text}</a>'

        return inline_markup(tokens, TAGS, link)

    def page(self, title: str, body: str) -> str:
        """A complete XHTML file."""
        language = self.book.meta["language"]
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n'
            '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'
            f' lang="{language}" xml:lang="{language}">\n'
            f'<head><title>{escape(title)}</title><meta charset="utf-8"/>'
            '<link rel="stylesheet" type="text/css" href="book.css"/></head>\n'
            f"<body>\n{body}\n</body>\n</html>\n"
        )

    def chapter(self, chapter: Chapter) -> str:
        """One chapter."""
        label = f'<span class="label">{escape(chapter.label)}.</span> ' if chapter.label else ""
        kind = "appendix" if chapter.label.startswith("Appendix") else "chapter"
        kind = kind if chapter.label else "preface"
        parts = [f'<section epub:type="{kind}">']
        parts.append(f'<h1 id="{chapter.id}">{label}{escape(chapter.title)}</h1>')
        parts += [self.node(node, chapter.id) for node in chapter.nodes]
        return self.page(chapter.heading, "\n".join([*parts, "</section>"]))

    def node(self, node: Node, here: str) -> str:
        """One node of a chapter."""
        identity = f' id="{node.id}"' if node.id else ""
        if node.kind == "code":
            return (
                f'<pre class="{node.language}"><code class="language-{node.language}">'
                f"{escape(node.text)}</code></pre>"
            )
        if node.kind == "table":
            return self.table(node, here)
        if node.kind == "figure":
            label, text = node.text.split(". ", 1)
            return (
                f"<figure{identity}><img src={quoteattr(node.src)} alt={quoteattr(text)}/>"
                f"<figcaption><strong>{escape(label)}.</strong> {escape(text)}</figcaption>"
                "</figure>"
            )
        inline = self.markup(node.inline, here, node.id)
        if node.kind == "heading":
            return f"<h2{identity}>{inline}</h2>"
        if node.kind == "note":
            return f"<aside><p>{inline}</p></aside>"
        css = ' class="caption"' if node.kind == "caption" else ""
        return f"<p{identity}{css}>{inline}</p>"

    def table(self, node: Node, here: str) -> str:
        """A table whose first row is its head."""
        rows = [[self.markup(cell, here) for cell in row] for row in node.rows]
        head = "".join(f"<th>{cell}</th>" for cell in rows[0])
        body = "\n".join(
            "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows[1:]
        )
        return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"

    def title_page(self) -> str:
        """Title, authors and licence."""
        meta = self.book.meta
        body = (
            f'<section epub:type="titlepage"><h1>{escape(meta["title"])}</h1>\n'
            f"<p><em>{escape(meta['subtitle'])}</em></p>\n<p>{escape(meta['author'])}</p>\n"
            f"<p>{escape(meta['edition'])}, {meta['date'][:4]}</p>\n"
            f'<p>Licence: <a href="{meta["licence_url"]}">{meta["licence"]}</a>. You may share and '
            "adapt this book for any purpose as long as you name the authors.</p></section>"
        )
        return self.page(meta["title"], body)

    def nav(self) -> str:
        """The table of contents with chapters and sections."""
        items: list[str] = []
        for chapter in self.book.chapters:
            file = f"{chapter.id}.xhtml"
            sections = "".join(
                f'<li><a href="{file}#{node.id}">{escape(plain(node.inline))}</a></li>\n'
                for node in chapter.nodes
                if node.kind == "heading"
            )
            nested = f"\n<ol>\n{sections}</ol>" if sections else ""
            items.append(f'<li><a href="{file}">{escape(chapter.heading)}</a>{nested}</li>')
        listing = "\n".join(items)
        body = f'<nav epub:type="toc" id="toc"><h1>Contents</h1>\n<ol>\n{listing}\n</ol></nav>'
        return self.page("Contents", body)

    def figures(self) -> list[str]:
        """The paths of all figures."""
        nodes = (node for chapter in self.book.chapters for node in chapter.nodes)
        return [node.src for node in nodes if node.kind == "figure"]

    def package(self) -> str:
        """The OPF file: metadata, all files, and the order of reading."""
        meta, ids = self.book.meta, [chapter.id for chapter in self.book.chapters]
        xhtml = "application/xhtml+xml"
        manifest = [
            f'<item id="nav" href="nav.xhtml" media-type="{xhtml}" properties="nav"/>',
            '<item id="css" href="book.css" media-type="text/css"/>',
            f'<item id="title" href="title.xhtml" media-type="{xhtml}"/>',
            *(f'<item id="{i}" href="{i}.xhtml" media-type="{xhtml}"/>' for i in ids),
            *(
                f'<item id="figure-file-{n}" href="{src}" media-type="image/svg+xml"/>'
                for n, src in enumerate(self.figures(), 1)
            ),
        ]
        spine = [f'<itemref idref="{i}"/>' for i in ("title", "nav", *ids)]
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id"'
            f' xml:lang="{meta["language"]}">\n'
            '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
            f'<dc:identifier id="id">{meta["identifier"]}</dc:identifier>\n'
            f"<dc:title>{escape(meta['title'])}</dc:title>\n"
            f"<dc:creator>{escape(meta['author'])}</dc:creator>\n"
            f"<dc:language>{meta['language']}</dc:language>\n<dc:date>{meta['date']}</dc:date>\n"
            f"<dc:description>{escape(meta['subtitle'])}</dc:description>\n"
            f"<dc:rights>{meta['licence']} ({meta['licence_url']})</dc:rights>\n"
            f'<meta property="dcterms:modified">{meta["date"]}T00:00:00Z</meta>\n</metadata>\n'
            "<manifest>\n" + "\n".join(manifest) + "\n</manifest>\n"
            "<spine>\n" + "\n".join(spine) + "\n</spine>\n</package>\n"
        )


def render_epub(book: Book, target: Path) -> None:
    """Writes the EPUB."""
    epub = EpubBook(book)
    files = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "EPUB/package.opf": epub.package(),
        "EPUB/nav.xhtml": epub.nav(),
        "EPUB/book.css": CSS,
        "EPUB/title.xhtml": epub.title_page(),
    }
    files |= {f"EPUB/{chapter.id}.xhtml": epub.chapter(chapter) for chapter in book.chapters}
    files |= {f"EPUB/{src}": (HERE / src).read_text(encoding="utf-8") for src in epub.figures()}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            # The same on every system, whatever it was made on.
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text.encode("utf-8"))

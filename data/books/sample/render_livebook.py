"""Renders the sample book as a Livebook notebook (.livemd).

Chapters become the sections of the notebook and listings become cells. A shell session becomes
one cell for each answer, with the answer as the stored output. A step that fails on purpose stays
a plain block of text, because a failing cell would stop "evaluate all".
"""

from __future__ import annotations

import re
from pathlib import Path

from book_source import Book, Node

OUTPUT = '<!-- livebook:{"output":true} -->'
SETUP = "ExUnit.start(autorun: false)"


def fenced(text: str, language: str = "") -> str:
    """A fenced block."""
    return f"```{language}\n{text.rstrip(chr(10))}\n```"


def session_steps(text: str) -> list[tuple[list[str], list[str]]]:
    """The steps of a shell session: the lines with prompts and the lines of the answer."""
    steps: list[tuple[list[str], list[str]]] = []
    for line in text.rstrip("\n").split("\n"):
        if line.startswith("iex>"):
            steps.append(([line], []))
        else:
            steps[-1][0 if line.startswith("...>") else 1].append(line)
    return steps


def session_cells(text: str) -> list[str]:
    """A shell session as cells with outputs; steps without an answer join the next cell."""
    parts: list[str] = []
    code: list[str] = []
    for lines, answer in session_steps(text):
        if answer and answer[0].startswith("** ("):
            if code:
                parts.append(fenced("\n".join(code), "elixir"))
            code = []
            parts.append(fenced("\n".join([*lines, *answer]), "iex"))
            continue
        code += [re.sub(r"^(iex>|\.\.\.>) ?", "", line) for line in lines]
        if answer:
            parts += [fenced("\n".join(code), "elixir"), OUTPUT, fenced("\n".join(answer))]
            code = []
    if code:
        parts.append(fenced("\n".join(code), "elixir"))
    return parts


def code_cells(node: Node) -> list[str]:
    """The cells of one block of code."""
    if node.language == "iex":
        return session_cells(node.text)
    if node.language == "text" and ".output" in node.info:
        return [OUTPUT, fenced(node.text)]
    cells = [fenced(node.text, node.language)]
    if "use ExUnit.Case" in node.text:
        cells.append(fenced("ExUnit.run()", "elixir"))
    return cells


def render_livebook(book: Book, target: Path) -> None:
    """Writes the notebook."""
    meta = book.meta
    parts = [
        f"# {meta['title']}",
        # The first cell of a notebook is its setup cell; the tests of Chapter 10 need ExUnit.
        fenced(SETUP, "elixir"),
        f"*{meta['subtitle']}*, by {meta['author']}. {meta['edition']}, {meta['date'][:4]}. "
        f"Licence: [{meta['licence']}]({meta['licence_url']}).",
    ]
    for chapter in book.chapters:
        parts.append(f"## {chapter.heading}")
        for node in chapter.nodes:
            if node.kind == "code":
                parts += code_cells(node)
            elif node.kind == "heading":
                parts.append(f"### {node.text}")
            else:
                parts.append(node.markdown)
    target.write_text("\n\n".join(parts) + "\n", encoding="utf-8")

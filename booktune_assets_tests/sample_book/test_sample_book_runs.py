"""Every code sample of the sample book runs as printed, and the renderings show all of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from .book_blocks import (
    SAMPLE_DIR,
    SOURCE,
    Block,
    by_chapter,
    chapter_report,
    markdown_body,
    read_blocks,
    run_chapter,
)

PDF, EPUB, LIVEBOOK = (SOURCE.with_suffix(suffix) for suffix in (".pdf", ".epub", ".livemd"))
MOST_UNJUDGED = 3
REFERENCE = re.compile(
    r"\b(?:(?:Listing|Table|Figure|Exercise) \d+\.\d+|Chapter \d+|Appendix [A-Z])\b"
)

needs_beam = pytest.mark.skipif(
    not (shutil.which("elixir") and shutil.which("erl")),
    reason="elixir and erl are not installed here",
)


def run_all(blocks: list[Block], scratch: Path) -> tuple[list[str], int, int]:
    """Runs all chapters in order; listings of earlier chapters stay loaded in later ones."""
    ebin = scratch / "ebin"
    ebin.mkdir()
    problems: list[str] = []
    steps = compared = 0
    for number, chapter in enumerate(by_chapter(blocks).values()):
        job = scratch / f"{number:02d}"
        job.mkdir()
        run_chapter(chapter, job, ebin)
        found, more_steps, more_compared = chapter_report(chapter, job)
        problems += found
        steps += more_steps
        compared += more_compared
    return problems, steps, compared


@pytest.mark.slow
@needs_beam
def test_every_sample_runs_as_printed(tmp_path: Path) -> None:
    problems, steps, compared = run_all(read_blocks(), tmp_path)
    assert not problems, "\n\n".join(problems)
    # A parser that suddenly finds nothing must not pass.
    assert steps > 250
    assert compared > 200


@needs_beam
@pytest.mark.parametrize(
    ("language", "content"),
    [
        ("iex", "iex> 1 + 1\n3\n"),
        ("iex", "iex> :a = :b\n** (MatchError) no match of right hand side value: :c\n"),
        ("iex", "iex> 1 / 0\n"),
        ("iex", "iex> 1+1\n2\n"),
        ("erl", "1> 1 + 1.\n3\n"),
        (
            "elixir",
            "defmodule WrongTest do\n  use ExUnit.Case\n\n"
            '  test "wrong" do\n    assert 1 == 2\n  end\nend\n',
        ),
    ],
)
def test_the_runner_notices_a_wrong_sample(tmp_path: Path, language: str, content: str) -> None:
    problems, _, _ = run_all([Block(language, language, content, 1, "A chapter")], tmp_path)
    assert len(problems) == 1


def test_blocks_that_are_not_judged_are_few_and_explained() -> None:
    blocks = read_blocks()
    assert {block.language for block in blocks} == {"elixir", "iex", "erlang", "erl", "text"}
    unjudged = [block for block in blocks if ".unjudged" in block.info]
    assert all(block.language == "text" and block.reason for block in unjudged)
    assert len(unjudged) <= MOST_UNJUDGED
    for block in blocks:
        if block.language == "text":
            assert block.reason or ".output" in block.info, f"line {block.line}"


def test_no_line_of_code_is_too_long_for_the_page() -> None:
    for block in read_blocks():
        widest = 80 if block.language == "iex" else 72
        for line in block.content.splitlines():
            assert len(line) <= widest, line


def test_every_listing_has_a_number_and_every_number_follows_the_last() -> None:
    for kind in ("Listing", "Table"):
        numbers = re.findall(rf"^\*\*{kind} (\d+)\.(\d+)\.\*\*", markdown_body(), re.MULTILINE)
        assert numbers
        by_number: dict[str, list[int]] = {}
        for chapter, number in numbers:
            by_number.setdefault(chapter, []).append(int(number))
        for chapter, found in by_number.items():
            assert found == list(range(1, len(found) + 1)), f"{kind} {chapter}"


def test_every_cross_reference_resolves() -> None:
    body = markdown_body()
    targets = set(re.findall(r"^\*\*((?:Listing|Table|Exercise) \d+\.\d+)\.\*\*", body, re.M))
    targets |= set(re.findall(r"^# ((?:Chapter|Appendix) \w+)\.", body, re.M))
    targets |= set(re.findall(r"^!\[(Figure \d+\.\d+)\.", body, re.M))
    prose = re.sub(r"^```.*?^```$", "", body, flags=re.DOTALL | re.MULTILINE)
    references = set(REFERENCE.findall(prose))
    assert len(references) > 50
    assert references <= targets
    # Whatever has a number is also mentioned somewhere apart from its own caption.
    for target in targets:
        if target.startswith(("Listing", "Table", "Figure")):
            assert prose.count(target) > 1, target


def test_every_exercise_has_an_answer() -> None:
    body = markdown_body()
    exercises = re.findall(r"^\*\*Exercise (\d+\.\d+)\.\*\*", body, re.MULTILINE)
    answers = re.findall(r"^\*\*Answer (\d+\.\d+)\.\*\*", body, re.MULTILINE)
    assert len(exercises) >= 30
    assert exercises == answers


@pytest.mark.slow
def test_rendered_files_are_up_to_date_and_the_same_each_time(tmp_path: Path) -> None:
    for package in ("reportlab", "font_source_serif_pro", "pymupdf_fonts"):
        pytest.importorskip(package, reason=f"{package} is needed to render the book")
    for name, options, hash_seed in (("one", [], "1"), ("two", ["--check"], "2")):
        folder = tmp_path / name
        folder.mkdir()
        command = [sys.executable, str(SAMPLE_DIR / "render.py"), "--out", str(folder), *options]
        # Another order of sets and dictionaries must not show in the files.
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
        )
        assert done.returncode == 0, done.stderr
    for path in (PDF, EPUB, LIVEBOOK):
        first, second = ((tmp_path / name / path.name).read_bytes() for name in ("one", "two"))
        assert first == second, path.name


def test_the_pdf_has_pages_an_outline_and_all_code() -> None:
    pymupdf = pytest.importorskip("pymupdf")
    with pymupdf.open(PDF) as document:
        assert 40 <= len(document) <= 60
        assert document.metadata["title"] == "First Steps on the BEAM"
        assert document.metadata["author"] == "The booktune authors"
        assert "CC BY 4.0" in document.metadata["subject"]
        outline = document.get_toc()
        text = "\n".join(page.get_text() for page in document)
    chapters = re.findall(r"^# (.+)$", markdown_without_code(), re.MULTILINE)
    sections = re.findall(r"^## (.+)$", markdown_without_code(), re.MULTILINE)
    assert [title for level, title, _ in outline if level == 1] == chapters
    assert [title for level, title, _ in outline if level == 2] == sections
    lines = {line.strip() for line in text.splitlines()}
    for block in read_blocks():
        for line in block.content.splitlines():
            assert not line.strip() or line.strip() in lines, line


def markdown_without_code() -> str:
    """The Markdown without its fenced blocks, in which a # starts a comment."""
    return re.sub(r"^```.*?^```$", "", markdown_body(), flags=re.DOTALL | re.MULTILINE)


def test_the_epub_opens_and_its_code_equals_the_source() -> None:
    epub_reader = pytest.importorskip("ebooklib.epub")
    etree = pytest.importorskip("lxml.etree")
    book = epub_reader.read_epub(str(EPUB))
    assert book.get_metadata("DC", "title")[0][0] == "First Steps on the BEAM"
    assert "CC BY 4.0" in book.get_metadata("DC", "rights")[0][0]
    assert len(book.toc) == len(by_chapter(read_blocks()))
    ids = [item for item, _ in book.spine][2:]
    found: list[tuple[str, str]] = []
    space = "{http://www.w3.org/1999/xhtml}"
    for name in ids:
        root = etree.fromstring(book.get_item_with_id(name).get_content())
        for code in root.iter(f"{space}code"):
            if code.getparent().tag == f"{space}pre":
                found.append((code.get("class"), code.text))
    wanted = [(f"language-{block.language}", block.content) for block in read_blocks()]
    assert found == wanted


def test_the_epub_is_well_formed_and_its_links_lead_somewhere() -> None:
    etree = pytest.importorskip("lxml.etree")
    with zipfile.ZipFile(EPUB) as archive:
        names = archive.namelist()
        assert names[0] == "mimetype"
        roots = {
            name.removeprefix("EPUB/"): etree.fromstring(archive.read(name))
            for name in names
            if name.endswith((".xhtml", ".opf", ".svg", ".xml"))
        }
    ids = {(name, i) for name, root in roots.items() for i in root.xpath("//@id")}
    links = 0
    for name, root in roots.items():
        for target in root.xpath("//*[local-name()='a']/@href"):
            if target.startswith("https:"):
                continue
            file, _, anchor = target.partition("#")
            assert file == "" or file in roots
            assert anchor == "" or (file or name, anchor) in ids, target
            links += 1
        for target in root.xpath("//*[local-name()='item']/@href"):
            assert f"EPUB/{target}" in names
    assert links > 150


def test_the_livebook_parses() -> None:
    markdown = pytest.importorskip("markdown_it").MarkdownIt("commonmark")
    tokens = markdown.parse(LIVEBOOK.read_text(encoding="utf-8"))
    headings = [
        (token.tag, tokens[position + 1].content)
        for position, token in enumerate(tokens)
        if token.type == "heading_open"
    ]
    chapters = list(dict.fromkeys(block.chapter for block in read_blocks()))
    assert [text for tag, text in headings if tag == "h1"] == ["First Steps on the BEAM"]
    assert [text for tag, text in headings if tag == "h2"] == chapters
    for position, token in enumerate(tokens):
        if token.type == "html_block":
            found = re.fullmatch(r"<!-- livebook:(\{.*\}) -->\n?", token.content)
            assert found
            assert json.loads(found.group(1)) == {"output": True}
            # An output belongs to a cell above it and is itself a plain block.
            assert tokens[position - 1].type == "fence"
            assert tokens[position - 1].info == "elixir"
            assert tokens[position + 1].type == "fence"
            assert tokens[position + 1].info == ""
    cells = [token.content for token in tokens if token.type == "fence"]
    for block in read_blocks():
        if block.language in ("elixir", "erlang", "erl"):
            assert block.content in cells

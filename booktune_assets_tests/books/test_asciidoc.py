"""AsciiDoc: by Asciidoctor, which must follow nothing and run nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from booktune_assets.books import asciidoc
from booktune_assets.books.blocks import CODE_KINDS, Parsed
from booktune_assets.books.reader import read_book
from booktune_assets.books.sections import into_sections
from booktune_assets.books.whole import whole_of
from booktune_assets.contracts import check
from booktune_assets.errors import BookError, Code, MissingPrerequisite
from booktune_assets.schemas import TABLES
from booktune_assets.settings import Reading
from booktune_assets_tests.books.figure_makers import picture
from booktune_assets_tests.books.makers import ERLANG, MODULE

Read = Callable[[Path], Parsed]
needs_program = pytest.mark.skipif(
    shutil.which(asciidoc.PROGRAM) is None, reason="asciidoctor is not installed"
)
FIRST, REST = MODULE.split("\n", 1)
BOOK = f"""= A Harbour Book
Ann Author; Bob Bell
:doctype: book
:lang: en
:source-highlighter: rouge
:toc:

[preface]
== Before

Hello.

= The Sea

[[tides]]
== Tides & boats

Some `code`, *bold*.footnote:[This is the note.]

.A listing title
[source,erlang]
----
{ERLANG.replace("true;", "true;   % <1>")}
----
<1> The answer.

[source,elixir]
----
{FIRST} # <1>
{REST} <2>
----

 iex> "kept" <> "exact"
 "keptexact"

.Table title
|===
|A |B

|1 |two words
|===

NOTE: Mind this.

[WARNING]
.A title
====
Take care.

----
$ mix test
----
====

.The tide
image::tide.png[A tide]

* one
* two

[appendix]
== Extra

=== Deep

Words at the end.
"""


def book(folder: Path, text: str, name: str = "b.adoc") -> Path:
    path = folder / name
    path.write_text(text)
    return path


@needs_program
def test_blocks_levels_kinds_and_addresses(tmp_path: Path, read: Read) -> None:
    parsed = read(book(tmp_path, BOOK))
    assert (parsed.format, parsed.title, parsed.language) == ("adoc", "A Harbour Book", "en")
    assert parsed.authors == ["Ann Author", "Bob Bell"]
    assert [(b.level, b.number, b.text) for b in parsed.blocks if b.kind == "heading"] == [
        (1, None, "Before"), (0, None, "The Sea"), (1, None, "Tides & boats"), (1, "A", "Extra"),
        (2, None, "Deep"),
    ]  # fmt: skip
    code = [(b.kind, b.lang, b.text) for b in parsed.blocks if b.kind in CODE_KINDS]
    assert code == [
        ("code", "erlang", ERLANG), ("code", "elixir", MODULE),
        ("iex", "iex", 'iex> "kept" <> "exact"\n"keptexact"'), ("code", "shell", "$ mix test"),
    ]  # fmt: skip
    other = [(b.kind, b.text) for b in parsed.blocks if b.kind not in (*CODE_KINDS, "heading")]
    assert other == [
        ("prose", "Hello."), ("prose", "Some code, bold."), ("caption", "A listing title"),
        ("list", "The answer."), ("footnote", "This is the note."), ("caption", "Table title"),
        ("table", "A | B\n1 | two words"),
        ("callout", "Mind this."), ("callout", "A title"), ("callout", "Take care."),
        ("figure", "A tide"), ("caption", "The tide"), ("list", "one"), ("list", "two"),
        ("prose", "Words at the end."),
    ]  # fmt: skip
    at = next(b for b in parsed.blocks if b.text == "Tides & boats")
    assert (at.places[0].href, at.anchor) == ("#tides", "tides")


@needs_program
def test_the_account_holds_and_marks_are_named(tmp_path: Path, read: Read) -> None:
    parsed = read(book(tmp_path, BOOK))
    assert [(one.lost, one.doubled) for one in parsed.pages] == [(0, 0)]
    marks = [c["before"].strip() for c in parsed.changes if c["kind"] == "callout_marks"]
    assert marks == ["% (1)", "# (1)", "(2)"]


@needs_program
def test_nothing_is_followed_fetched_or_run(tmp_path: Path, read: Read) -> None:
    secret = tmp_path / "secret.adoc"
    secret.write_text("classified")
    parsed = read(
        book(
            tmp_path,
            "= T\n:docinfo: shared\n:data-uri:\n:allow-uri-read:\n:backend: docbook5\n"
            ":source-highlighter: coderay\n\n== A\n\ninclude::/etc/passwd[]\n\n"
            "include::secret.adoc[]\n\ninclude::http://x.example/y.adoc[]\n\n"
            "image::http://x.example/z.png[pic]\n\n{docdir} {docfile} {user-home} words\n\n"
            "++++\n<script>evil()</script><p>raw</p>\n++++\n\neval::[1 + 1]\n\nsys::[id]\n",
        )
    )
    text = " ".join(block.text for block in parsed.blocks)
    assert "classified" not in text and "root:" not in text and "evil" not in text
    assert "/etc/passwd" not in text and str(tmp_path) not in text and str(Path.home()) not in text
    assert "raw" in text and "words" in text
    assert parsed.counts["includes_left"] == 3
    assert sum("was not followed" in words for words in parsed.warnings) == 3
    assert any("not fetched" in words for words in parsed.warnings)


@needs_program
def test_in_the_bounded_child_with_all_names_of_the_format(tmp_path: Path) -> None:
    for suffix in ("adoc", "asciidoc", "asc"):
        path = book(tmp_path, BOOK, f"b.{suffix}")
        raw = read_book(path, "b", Reading())
        assert raw.frames["raw_books"]["format"][0] == "adoc"
        assert raw.counts["lost"] == raw.counts["doubled"] == 0


@needs_program
def test_attributes_that_multiply_are_bounded(tmp_path: Path) -> None:
    names = "abcdefgh"
    grow = [f":{after}: {f'{{{before}}}' * 10}" for before, after in pairwise(names)]
    lines = [f":a: {'x' * 50}", *grow]
    text = "= T\n" + "\n".join(lines) + "\n\n== A\n\n" + "{h}" * 50 + "\n"
    raw = read_book(book(tmp_path, text), "b", Reading(seconds_per_book=20, memory_mb=1024))
    assert raw.frames["raw_books"]["chars"][0] < 1_000_000


@needs_program
def test_what_is_no_code_and_what_only_breaks_lines(tmp_path: Path, read: Read) -> None:
    text = (
        "== A\n\n[verse, Poet]\n____\nOne\n  two\n____\n\nWell... he said--then left.\n\n"
        '[cols="1,a"]\n|===\n|x\n|Words\n\n[source,elixir]\n----\nin_cell = 1\n----\n|===\n\n'
        '[source,elixir]\n----\nIO.puts("<b>") # <.>\n----\n<.> Bold.\n'
    )
    parsed = read(book(tmp_path, text))
    assert [b.text for b in parsed.blocks if b.kind in CODE_KINDS] == [
        "in_cell = 1",
        'IO.puts("<b>")',
    ]
    assert "Well\u2026 he said\u2014then left." in [b.text for b in parsed.blocks]
    assert "One two" in [b.text for b in parsed.blocks if b.kind == "prose"]
    assert [(one.lost, one.doubled) for one in parsed.pages] == [(0, 0)]


@needs_program
def test_odd_texts_are_read_or_refused_plainly(tmp_path: Path, read: Read) -> None:
    assert read(book(tmp_path, "== Only\n\nWords.\n")).blocks[0].level == 1
    assert read(book(tmp_path, "= One\n\nA.\n\n= Two\n\nB.\n")).warnings
    with pytest.raises(BookError) as caught:
        read(book(tmp_path, "-----BEGIN PGP SIGNATURE-----\n\nabc\n", "b.asc"))
    assert caught.value.code is Code.UNKNOWN_FORMAT
    with pytest.raises(BookError) as caught:
        read(book(tmp_path, "= Title only\n"))
    assert caught.value.code is Code.NO_CONTENT


def test_without_the_program_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from booktune_assets.books import bounded

    path = book(tmp_path, BOOK)
    bounded.close()  # the child below starts with the path set here
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingPrerequisite) as caught:
        read_book(path, "b", Reading())
    bounded.close()
    assert caught.value.code is Code.MISSING_PROGRAM
    assert "apt-get install asciidoctor" in str(caught.value) and "book=b" in str(caught.value)


@needs_program
@pytest.mark.parametrize(
    "doctype", ["", ":doctype: manpage\n", ":doctype: inline\n", ":doctype: x\n"]
)
def test_parts_are_read_whatever_the_text_says_it_is(
    tmp_path: Path, read: Read, doctype: str
) -> None:
    text = (
        f"= A Book\n{doctype}\n= The Sea\n\n== Tides\n\nWords.\n\n= The Land\n\n== Hills\n\nMore.\n"
    )
    parsed = read(book(tmp_path, text))
    heads = [(b.level, b.text) for b in parsed.blocks if b.kind == "heading"]
    assert heads == [(0, "The Sea"), (1, "Tides"), (0, "The Land"), (1, "Hills")]
    assert parsed.warnings == [] and parsed.counts["doctype_not_followed"] == 1
    assert parsed.title == "A Book"


def in_parts(folder: Path) -> Path:
    """A book in several files, with what such books do: folders, offsets, tags, conditions."""
    (folder / "chapters").mkdir()
    (folder / "code").mkdir()
    (folder / "code" / "tide.ex").write_text(
        "# tag::all[]\ndefmodule Tide do\n# tag::high[]\n  def high, do: 3\n# end::high[]\n"
        '  @doc "\ninclude::none[]\n"\nend\n# end::all[]\n'
    )
    (folder / "chapters" / "sea.adoc").write_text(
        "= The Sea\n\n:part: two\n\ninclude::{part}.adoc[leveloffset=+1]\n\n"
        "[source,elixir]\n----\ninclude::../code/tide.ex[tag=high,indent=0]\n----\n"
    )
    (folder / "chapters" / "two.adoc").write_text("= Deep\n\nWords of two.\n")
    main = (
        "= Book\n:doctype: book\n:chapters: chapters\n\n== First\n\nHello.\n\n"
        "include::{chapters}/sea.adoc[leveloffset=+1]\n\n"
        "ifdef::never[]\ninclude::{chapters}/two.adoc[]\nendif::[]\n\n"
        "[source,elixir]\n----\ninclude::code/tide.ex[lines=2..]\n----\n\n== Last\n\nBye.\n"
    )
    return book(folder, main, "main.adoc")


def told(raw: dict[str, pl.DataFrame]) -> list[tuple[str, int | None, str]]:
    return raw["raw_books__blocks"].sort("ordinal").select("kind", "level", "text").rows()


@needs_program
def test_a_book_in_many_files_is_read_and_put_together(tmp_path: Path) -> None:
    path = in_parts(tmp_path)
    raw = read_book(path, "b", Reading(), includes=True)
    assert list(raw.frames["raw_books"]["warnings"][0]) == []
    found = told(raw.frames)
    assert [row[1:] for row in found if row[0] == "heading"] == [
        (1, "First"), (1, "The Sea"), (2, "Deep"), (1, "Last"),
    ]  # fmt: skip
    code = [text for kind, _, text in found if kind == "code"]
    assert code[0] == "def high, do: 3" and code[1].startswith("defmodule Tide do\n")
    assert "include::none[]" in code[1] and raw.counts["lost"] == raw.counts["doubled"] == 0
    whole = whole_of(path, Reading())
    assert whole is not None
    again = read_book(book(tmp_path, whole.decode(), "whole.adoc"), "b", Reading())
    assert told(again.frames) == found
    assert whole_of(book(tmp_path, "= A\n\nNo include.\n", "alone.adoc"), Reading()) is None


@needs_program
def test_includes_never_leave_the_folder_of_the_book(tmp_path: Path) -> None:
    (tmp_path / "secret.adoc").write_text("classified")
    folder = tmp_path / "book"
    folder.mkdir()
    (folder / "link.adoc").symlink_to(tmp_path / "secret.adoc")
    (folder / "away").symlink_to(tmp_path)
    (folder / "inner.adoc").write_text("include::../secret.adoc[]\n\nfrom inner\n")
    (folder / "x.svg").symlink_to(tmp_path / "secret.adoc")
    names = ("../secret.adoc", "/etc/passwd", "link.adoc", "away/secret.adoc", "no.adoc",
             str(tmp_path / "secret.adoc"), "http://x.example/y.adoc")  # fmt: skip
    lines = "\n\n".join(f"include::{name}[]" for name in names)
    path = book(
        folder,
        "= T\n:data-uri:\n:allow-uri-read:\n:docinfo: shared\n\n== A\n\nWords.\n\n"
        f"include::inner.adoc[]\n\n{lines}\n\ninclude::link.adoc[opts=optional]\n\n"
        "image::x.svg[opts=inline]\n\n----\ninclude::../secret.adoc[]\n----\n",
    )
    raw = read_book(path, "b", Reading(), includes=True)
    text = "\n".join(raw.frames["raw_books__blocks"]["text"])
    assert "classified" not in text and "root:" not in text and "role=include" not in text
    assert "Words." in text and "from inner" in text
    assert raw.counts["includes_left"] == len(names) + 2
    assert raw.counts["lost"] == raw.counts["doubled"] == 0
    whole = whole_of(path, Reading())
    assert whole is not None and b"classified" not in whole and b"from inner" in whole


@needs_program
def test_a_file_that_includes_itself_ends(tmp_path: Path) -> None:
    raw = read_book(book(tmp_path, "== A\n\nWords.\n\ninclude::b.adoc[]\n"), "b", Reading(),
                    includes=True)  # fmt: skip
    assert any("include depth" in words for words in raw.frames["raw_books"]["warnings"][0])
    assert 2 < list(raw.frames["raw_books__blocks"]["text"]).count("Words.") < 20


@needs_program
def test_includes_that_are_not_followed_are_no_code(tmp_path: Path, read: Read) -> None:
    parsed = read(
        book(tmp_path, "== A\n\nWords.\n\n[source,elixir]\n----\ninclude::tide.ex[tag=a]\n----\n")
    )
    assert [b.text for b in parsed.blocks] == ["A", "Words."]
    assert parsed.counts["includes_left"] == 1
    with pytest.raises(BookError) as caught:
        read(book(tmp_path, "= Book\n\ninclude::one.adoc[]\n\ninclude::two.adoc[]\n", "m.adoc"))
    assert caught.value.code is Code.NO_CONTENT and "includes" in caught.value.remedy


@needs_program
def test_the_page_is_brought_into_the_order_of_the_source(tmp_path: Path, read: Read) -> None:
    text = (
        "= B\n:doctype: book\n\n== A\n\nOne.footnote:[First note.] "
        "Two.footnote:f[Second note.]\n\n* item footnote:[In a list.]\n* [x] done\n\n"
        "|===\n|a |b footnote:[In a table.]\n|c |d\n|===\n\n"
        "[horizontal]\npid:: a process\nref:: unique\n\n"
        "The sum stem:[x^2 + 1] and `\\$kept\\$`.\n\n"
        ".A tree\nimage::tree.png[Boxes]\n\n== Last\n\nAgain.footnote:f[]\n"
    )
    (tmp_path / "tree.png").write_bytes(picture((60, 50)))
    raw = read_book(book(tmp_path, text), "b", Reading(), figures=tmp_path / "out")
    assert [row[::2] for row in told(raw.frames)] == [
        ("heading", "A"), ("prose", "One. Two."), ("footnote", "First note."),
        ("footnote", "Second note."), ("list", "item"), ("footnote", "In a list."),
        ("list", "[x] done"), ("table", "a | b\nc | d"), ("footnote", "In a table."),
        ("list", "pid"), ("list", "a process"), ("list", "ref"), ("list", "unique"),
        ("prose", "The sum x^2 + 1 and \\$kept\\$."), ("figure", ""), ("caption", "A tree"),
        ("heading", "Last"), ("prose", "Again."),
    ]  # fmt: skip
    figure = raw.frames["raw_books__figures"].row(0, named=True)
    blocks = dict(raw.frames["raw_books__blocks"].select("block_id", "text").rows())
    assert blocks[figure["caption_block_id"]] == "A tree" and figure["alt"] == "Boxes"
    assert raw.counts["lost"] == raw.counts["doubled"] == 0


@needs_program
def test_a_picture_that_is_not_there_is_said(tmp_path: Path) -> None:
    path = book(tmp_path, "== A\n\nWords.\n\nimage::gone.png[Gone]\n")
    raw = read_book(path, "b", Reading(), figures=tmp_path / "out")
    (said,) = raw.frames["raw_books"]["warnings"][0]
    assert said == "1 of the pictures that it names are not there (first: gone.png)"


@needs_program
def test_terms_of_the_index_are_data_of_their_section(tmp_path: Path) -> None:
    text = (
        "= B\n:doctype: book\n\n== The ((Sea))\n\n(((tides, spring)))\n\nA ((boat)) and a "
        "((boat)).indexterm:[crew,Mate] Mail ada@sea.org.\n(((boat, `+keel/2+`)))\n\n"
        "* item indexterm2:[Harbour & quay]\n\n(((Vessels >> boat)))\n\n"
        "== Last\n\n|===\n|a (((crew, Mate))) |b\n|===\n\n"
        'indexterm:[Rope,see-also="Knots,Sails"]`x = 1`\n\n----\n(((kept)))\n----\n\n(((end)))\n'
    )
    raw = read_book(book(tmp_path, text), "b", Reading())
    assert raw.counts["lost"] == raw.counts["doubled"] == 0
    assert [row[2] for row in told(raw.frames)] == [
        "The Sea", "A boat and a boat. Mail ada@sea.org.", "item Harbour & quay", "Last", "a | b",
        "x = 1", "(((kept)))",
    ]  # fmt: skip
    frames = into_sections(
        "b", "0" * 64, raw.frames["raw_books__blocks"], raw.frames["raw_books__spans"],
        raw.frames["raw_books__pages"], raw.frames["raw_books__links"],
    )  # fmt: skip
    check(TABLES["raw_books__links"], raw.frames["raw_books__links"])
    titles = dict(frames["sections"].select("section_id", "title").rows())
    texts = dict(frames["sections__blocks"].select("block_id", "text").rows())
    index = check(TABLES["sections__index"], frames["sections__index"])
    assert [
        (row["term"], row["subterm"], row["kind"], row["words"], titles.get(row["section_id"]),
         texts[row["block_id"]][:5]) for row in index.iter_rows(named=True)
    ] == [
        ("Sea", None, "link", "Sea", "The Sea", "The S"),
        ("tides", "spring", "link", "", "The Sea", "A boa"),
        ("boat", None, "link", "boat", "The Sea", "A boa"),
        ("boat", None, "link", "boat", "The Sea", "A boa"),
        ("crew", "Mate", "link", "", "The Sea", "A boa"),
        ("crew", "Mate", "link", "", "Last", "a | b"),
        ("boat", "keel/2", "link", "", "The Sea", "A boa"),
        ("Harbour & quay", None, "link", "Harbour & quay", "The Sea", "item "),
        ("Vessels", None, "see", "boat", None, "item "),
        ("Rope", None, "link", "", "Last", "x = 1"),
        ("Rope", None, "see_also", "Knots", None, "x = 1"),
        ("Rope", None, "see_also", "Sails", None, "x = 1"),
        ("end", None, "link", "", "Last", "(((ke"),
    ]  # fmt: skip
    assert frames["sections__refs"].is_empty()
    links = raw.frames["raw_books__links"].filter(kind="index")
    shown = {(row["char_start"], row["char_end"]) for row in links.iter_rows(named=True)}
    assert {(2, 6), (13, 17)} < shown

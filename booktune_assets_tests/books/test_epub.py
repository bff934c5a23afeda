"""EPUB: what is read, what is refused, what is only warned of."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from booktune_assets.books.blocks import CODE_KINDS, Parsed
from booktune_assets.errors import BookError, Code
from booktune_assets_tests.books.makers import ERLANG, MODULE, SESSION, epub, page

Read = Callable[[Path], Parsed]


def escaped(code: str) -> str:
    return code.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def test_blocks_kinds_levels_and_addresses(tmp_path: Path, read: Read) -> None:
    body = (
        '<h1 id="c1">1 Tides</h1><p>Some <code>code</code>\n in prose.</p>'
        '<pre><code class="elixir">\n'
        f'{escaped(MODULE)}</code></pre><h2 id="s">1.1 More</h2><ul><li>one</li><li>two</li></ul>'
        f"<pre>{escaped(SESSION)}</pre><table><tr><th>a</th><td>b</td></tr></table>"
        f'<pre class="language-erlang">{escaped(ERLANG)}</pre>'
        '<aside class="warning"><p>Mind it.</p></aside>'
    )
    parsed = read(epub(tmp_path / "b.epub", {"c1.xhtml": body}))
    assert [(b.kind, b.lang) for b in parsed.blocks] == [
        ("heading", ""), ("prose", ""), ("code", "elixir"), ("heading", ""), ("list", ""),
        ("list", ""), ("iex", "iex"), ("table", ""), ("code", "erlang"), ("callout", ""),
    ]  # fmt: skip
    assert parsed.blocks[1].text == "Some code in prose."
    assert [b.text for b in parsed.blocks if b.kind in CODE_KINDS] == [MODULE, SESSION, ERLANG]
    assert (parsed.blocks[3].level, parsed.blocks[3].number) == (2, "1.1")
    assert parsed.blocks[4].places[0].href == "OEBPS/c1.xhtml#s"
    assert (parsed.title, parsed.authors, parsed.language) == ("A Small Book", ["Ann Author"], "en")


def test_typographic_quotes_in_code_are_repaired_by_evidence_of_the_book(
    tmp_path: Path, read: Read
) -> None:
    curly = "<pre>iex&gt; \u201chello\u201d &lt;&gt; \u201c you\u201d\n\u201chello you\u201d</pre>"
    parsed = read(epub(tmp_path / "b.epub", {"c.xhtml": f"<h1>T</h1>{curly}"}))
    assert parsed.blocks[1].text == 'iex> "hello" <> " you"\n"hello you"'
    assert [change["kind"] for change in parsed.changes] == ["quotes", "quotes"]
    straight = '<pre>x = "a \u201cquoted\u201d word"; y = "b"; z = "c"; w = "d"</pre>'
    kept = read(epub(tmp_path / "c.epub", {"c.xhtml": f"<h1>T</h1>{straight}"}))
    assert "\u201cquoted\u201d" in kept.blocks[1].text


def test_typographic_quotes_are_repaired_where_the_grammar_asks_for_it(
    tmp_path: Path, read: Read
) -> None:
    plain = "".join(
        f'<p>x</p><pre>a{n} = "s{n}"; b{n} = "t{n}"; c{n} = "u{n}"</pre>' for n in range(9)
    )
    body = (
        "<h1>T</h1><pre>x = \u201chello\u201d</pre><p>x</p>"
        "<pre>iex&gt; \u201ca\u201d &lt;&gt; \u201cb\u201d\n"
        f'\u201cab\u201d</pre><p>x</p><pre>y = "say \u201chi\u201d"</pre>{plain}'
    )
    parsed = read(epub(tmp_path / "b.epub", {"c.xhtml": body}))
    code = [b.text for b in parsed.blocks if b.kind in CODE_KINDS]
    assert code[:3] == ['x = "hello"', 'iex> "a" <> "b"\n"ab"', 'y = "say \u201chi\u201d"']
    assert [c["kind"] for c in parsed.changes] == ["quotes"] * 3


def test_a_rezipped_copy_has_the_same_content(tmp_path: Path, read: Read) -> None:
    pages: dict[str, str | bytes] = {"c.xhtml": "<h1>T</h1><p>Words.</p>"}
    one = read(epub(tmp_path / "a.epub", pages, stamp=1990))
    two = read(epub(tmp_path / "b.epub", pages, stamp=2020))
    assert (tmp_path / "a.epub").read_bytes() != (tmp_path / "b.epub").read_bytes()
    assert one.content_sha256() == two.content_sha256()


def test_entities_are_not_expanded_and_nothing_is_read_from_outside(
    tmp_path: Path, read: Read
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("classified")
    raw = (
        f'<!DOCTYPE html [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file://{secret}">]>'
        '<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>T</h1>'
        "<p>A &b; &x; &nbsp;B&amp;C</p></body></html>"
    ).encode()
    parsed = read(epub(tmp_path / "b.epub", {"c.xhtml": raw}))
    assert parsed.blocks[1].text == "A B&C"
    assert any("entities" in words for words in parsed.warnings)


@pytest.mark.parametrize(
    ("encoding", "declared"), [("iso-8859-1", "xml"), ("utf-16", "bom"), ("shift_jis", "meta")]
)
def test_encodings_by_their_declaration(
    tmp_path: Path, read: Read, encoding: str, declared: str
) -> None:
    word = "\u65e5\u672c\u8a9e" if encoding == "shift_jis" else "\u00e5ngstr\u00f6m"
    text = page(f"<h1>{word}</h1>").replace('encoding="utf-8"', f'encoding="{encoding}"')
    if declared == "meta":
        text = f'<html><head><meta charset="{encoding}"></head><body><h1>{word}</h1></body></html>'
    parsed = read(epub(tmp_path / "b.epub", {"c.xhtml": text.encode(encoding)}))
    assert parsed.blocks[0].text == word


def test_broken_pages_scripts_and_gutters(tmp_path: Path, read: Read) -> None:
    body = (
        b"<html><body><h1>T</h1><p>One <b>two</p><script>evil()</script><p onclick='x'>three"
        b"<pre><span class='lineno'>1 </span>x = 1</pre></body>"
    )
    parsed = read(epub(tmp_path / "b.epub", {"c.xhtml": body}))
    text = " ".join(block.text for block in parsed.blocks)
    assert "evil" not in text and "One two" in text and "three" in text
    assert [b.text for b in parsed.blocks if b.kind in CODE_KINDS] == ["x = 1"]
    assert any("leniently" in words for words in parsed.warnings)


def test_drm_is_refused_and_font_obfuscation_is_not(tmp_path: Path, read: Read) -> None:
    def locked(uri: str, scheme: str) -> dict[str, str]:
        return {
            "META-INF/encryption.xml": (
                '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" '
                'xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptedData>'
                f'<e:EncryptionMethod Algorithm="{scheme}"/><e:CipherData>'
                f'<e:CipherReference URI="{uri}"/></e:CipherData></e:EncryptedData></encryption>'
            )
        }

    pages: dict[str, str | bytes] = {"c.xhtml": "<h1>T</h1>"}
    aes = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
    with pytest.raises(BookError) as caught:
        read(epub(tmp_path / "a.epub", pages, extra=locked("OEBPS/c.xhtml", aes)))
    assert caught.value.code is Code.DRM_PROTECTED
    font = locked("OEBPS/f.otf", "http://www.idpf.org/2008/embedding")
    assert read(epub(tmp_path / "b.epub", pages, extra=font)).blocks


def test_entries_that_point_outside_are_ignored(tmp_path: Path, read: Read) -> None:
    path = epub(
        tmp_path / "b.epub", {"c.xhtml": "<h1>T</h1>"}, extra={"../../out.txt": "x", "/abs": "y"}
    )
    parsed = read(path)
    assert any("UNSAFE_ARCHIVE" in words for words in parsed.warnings)
    assert not (tmp_path.parent / "out.txt").exists()


def test_an_entry_that_unpacks_too_far_is_refused(tmp_path: Path) -> None:
    from booktune_assets.books.blocks import Limits
    from booktune_assets.books.formats import parse

    path = epub(tmp_path / "b.epub", {"c.xhtml": "<p>" + " " * 3_000_000 + "</p>"})
    with pytest.raises(BookError) as caught:
        parse(path, Limits(unpacked_mb=1), lambda done, total: None)
    assert caught.value.code is Code.TOO_LARGE


def test_missing_container_and_spine_items(tmp_path: Path, read: Read) -> None:
    whole = epub(tmp_path / "a.epub", {"c.xhtml": "<h1>T</h1>", "d.xhtml": "<h1>U</h1>"})
    path = tmp_path / "b.epub"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            if name not in ("META-INF/container.xml", "OEBPS/d.xhtml"):
                new.writestr(name, old.read(name))
    parsed = read(path)
    assert [block.text for block in parsed.blocks] == ["T"]
    assert len(parsed.warnings) == 2


def test_references_to_half_a_character_in_the_package_do_no_harm(
    tmp_path: Path, read: Read
) -> None:
    whole = epub(tmp_path / "a.epub", {"c.xhtml": "<h1>T</h1>"})
    path = tmp_path / "b.epub"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith(("container.xml", ".opf")):
                data = data.replace(b'xmlns="urn', b'xmlns="&#xD800;urn')
                data = data.replace(b'xmlns="http', b'xmlns="http&#xDFFF;')
            new.writestr(name, data)
    assert [block.text for block in read(path).blocks] == ["T"]

"""What a file tells machines of mining its text: TDMRep in packages, pages, XMP, front matter."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from booktune_assets.books.asciidoc import PROGRAM
from booktune_assets.books.blocks import Parsed
from booktune_assets.pairs.licences import licence_of
from booktune_assets_tests.books.makers import epub, page

Read = Callable[[Path], Parsed]
URL = "https://harbour.example/policies/tdm.json"
BODY = "<h1>Tides</h1><p>The keeper counts the boats of the harbour.</p>"
XMP = (
    '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description {}'
    '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
NS = 'xmlns:tdm="http://www.w3.org/ns/tdmrep/"'
RIGHTS = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
PLUS = 'xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/"'


def packaged(path: Path, metas: str, prefix: str = "", head: str = "") -> Path:
    """An EPUB whose package, and whose page, holds these elements."""
    whole = page(BODY).replace("<head>", f"<head>{head}").encode()
    pages = {"c.xhtml": whole, "d.xhtml": "<h1>Fog</h1><p>Nobody counts them in fog.</p>"}
    made = epub(path, pages, manifest=PICTURE)
    import zipfile

    with zipfile.ZipFile(made) as archive:
        held = {name: archive.read(name).decode() for name in archive.namelist()}
    opf = held["OEBPS/book.opf"].replace("</metadata>", f"{metas}</metadata>")
    held["OEBPS/book.opf"] = opf.replace('version="3.0"', f'version="3.0" {prefix}')
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in held.items():
            archive.writestr(name, text)
    return made


PICTURE = '<item id="picture" href="p.png" media-type="image/png"/>'
RESERVED = f'<meta property="tdm:reservation">1</meta><meta property="tdm:policy">{URL}</meta>'


@pytest.mark.parametrize(
    ("metas", "prefix", "head", "told"),
    [
        (RESERVED, "", "", f"tdm-reservation: 1, policy {URL}"),
        ('<meta name="tdm:reservation" content="1"/>', "", "", "tdm-reservation: 1"),
        (f"<dc:rights>CC BY 4.0</dc:rights>{RESERVED}", "", "",
            f"tdm-reservation: 1, policy {URL}; CC BY 4.0"),
        ('<meta property="mine:reservation">1</meta>',
            'prefix="mine: http://www.w3.org/ns/tdmrep#"', "", "tdm-reservation: 1"),
        ("", "", '<meta name="tdm-reservation" content="1"/>', "tdm-reservation: 1"),
        ("", "", '<meta name="robots" content="index, noai"/>', "tdm-reservation: 1"),
        ('<meta property="tdm:reservation">0</meta>', "", "", None),
        ('<meta property="tdm:reservation" refines="#nobody">1</meta>', "", "",
            "tdm-reservation: 1"),
        ('<meta property="tdm:reservation" refines="#picture">1</meta>', "", "", None),
        (f'<meta property="tdm:policy">{URL}</meta>', "", "", None),
        ('<meta property="other:reservation">1</meta>', "", "", None),
    ],
)  # fmt: skip
def test_an_epub_says_it_in_its_package_or_in_a_page(
    tmp_path: Path, read: Read, metas: str, prefix: str, head: str, told: str | None
) -> None:
    parsed = read(packaged(tmp_path / "b.epub", metas, prefix, head))
    assert parsed.licence == told
    assert (licence_of(told).kind == "forbidden") == bool(told)


@pytest.mark.parametrize("refined", ["#i1", "d.xhtml"])
def test_a_document_that_is_reserved_is_left_out_of_a_book_that_is_not(
    tmp_path: Path, read: Read, refined: str
) -> None:
    metas = RESERVED.replace('y"', f'y" refines="{refined}"').replace(
        'n"', f'n" refines="{refined}"'
    )
    parsed = read(packaged(tmp_path / "b.epub", f"<dc:rights>CC BY 4.0</dc:rights>{metas}"))
    assert parsed.licence == "CC BY 4.0"
    assert [one.text for one in parsed.blocks if one.kind == "heading"] == ["Tides"]
    assert any("d.xhtml is left out" in one for one in parsed.warnings)
    assert not any(one.lost or one.doubled for one in parsed.pages)


@pytest.mark.parametrize(
    ("metas", "told"),
    [
        ('<meta property="dcterms:license">CC BY 4.0</meta>', "CC BY 4.0"),
        ('<link rel="cc:license" href="https://creativecommons.org/licenses/by/4.0/"/>',
            "https://creativecommons.org/licenses/by/4.0/"),
        ('<meta refines="#i1" property="dcterms:rights">CC BY 4.0</meta>', None),
    ],
)  # fmt: skip
def test_a_package_states_its_licence_by_other_names(
    tmp_path: Path, read: Read, metas: str, told: str | None
) -> None:
    parsed = read(packaged(tmp_path / "b.epub", metas))
    assert parsed.licence == told
    assert (licence_of(told).kind == "permissive") == bool(told)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (f'{NS} tdm:reservation="1" tdm:policy="{URL}"/>', f"tdm-reservation: 1, policy {URL}"),
        (f"{NS}><tdm:reservation>1</tdm:reservation></rdf:Description>", "tdm-reservation: 1"),
        (f"{NS}><tdm:reservation>1</tdm:reservation><tdm:policy rdf:resource='{URL}'/>"
            "</rdf:Description>", f"tdm-reservation: 1, policy {URL}"),
        (f'{NS} tdm:reservation="0"/>', None),
        (f'{NS} rdf:about="#figure-3" tdm:reservation="1"/>', None),
        (f'{NS} xmlns:mm="http://ns.adobe.com/xap/1.0/mm/"><mm:Pantry><rdf:Bag><rdf:li>'
            '<rdf:Description tdm:reservation="1"/></rdf:li></rdf:Bag></mm:Pantry>'
            "</rdf:Description>", None),
        (f"{PLUS}><plus:DataMining>http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING"
            "</plus:DataMining></rdf:Description>", "tdm-reservation: 1"),
        (f"{PLUS}><plus:DataMining>http://ns.useplus.org/ldf/vocab/DMI-ALLOWED"
            "</plus:DataMining></rdf:Description>", None),
        (f"{NS} tdm:reservation=", None),
        (f"{RIGHTS}><dc:rights><rdf:Alt><rdf:li>CC BY 4.0. No AI training.</rdf:li><rdf:li>Kein."
            "</rdf:li></rdf:Alt></dc:rights></rdf:Description>", "CC BY 4.0. No AI training."),
        (f"{RIGHTS} dc:rights='\u00a9 2026 Jo Doe'/>", None),
        (f"{RIGHTS} xmlns:own='http://ns.adobe.com/xap/1.0/rights/' dc:rights='MIT'"
            "><own:UsageTerms>NoAI</own:UsageTerms></rdf:Description>", "MIT; NoAI"),
        (f'{RIGHTS} {NS} tdm:reservation="1" dc:rights="MIT"/>', "tdm-reservation: 1; MIT"),
    ],
)  # fmt: skip
def test_a_pdf_says_it_in_its_metadata_stream(
    tmp_path: Path, read: Read, said: str, told: str | None
) -> None:
    with pymupdf.open() as book:
        book.new_page().insert_text((60, 90), "The keeper counts the boats of the harbour.")
        book.set_xml_metadata(XMP.format(said))
        book.save(tmp_path / "b.pdf")
    assert read(tmp_path / "b.pdf").licence == told


@pytest.mark.skipif(shutil.which(PROGRAM) is None, reason="asciidoctor is not installed")
@pytest.mark.parametrize(
    ("said", "told"),
    [
        (":license: CC BY 4.0", "CC BY 4.0"),
        (":licence: MIT\n:copyright: Jo Doe, CC BY 4.0", "MIT"),
        (":copyright: \u00a9 2026 Jo \"J\" Doe", None),
        (":copyright: 2026 Jo Doe, CC BY-SA 4.0", "2026 Jo Doe, CC BY-SA 4.0"),
        (":copyright: \u00a9 2026 Jo Doe, MIT licence", "\u00a9 2026 Jo Doe, MIT licence"),
        (":rights: CC BY 4.0. No AI training.", "CC BY 4.0. No AI training."),
        (f":tdm-reservation: 1\n:tdm-policy: {URL}?a&b\n:license: MIT",
            f"tdm-reservation: 1, policy {URL}?a&b; MIT"),
        (":tdm-reservation: 0", None),
        (":robots: noai", "tdm-reservation: 1"),
        ("\n== Tides\n\n:license: MIT", None),  # of the text below it
    ],
)  # fmt: skip
def test_attributes_of_asciidoc_say_it(
    tmp_path: Path, read: Read, said: str, told: str | None
) -> None:
    path = tmp_path / "b.adoc"
    path.write_text(f"= Tides\nJo Doe\n{said}\n\nThe keeper counts {{license}}.\n")
    parsed = read(path)
    assert parsed.licence == told and parsed.authors == ["Jo Doe"]
    assert not any("well-formed" in one for one in parsed.warnings)


def test_front_matter_and_html_in_markdown_say_it(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "b.md"
    path.write_text(f"---\ntdm-reservation: 1\ntdm-policy: {URL}\nlicence: MIT\n---\n\n# T\n\nA.\n")
    assert read(path).licence == f"tdm-reservation: 1, policy {URL}; MIT"
    path.write_text('# T\n\n<meta name="tdm-reservation" content="1">\n\nA.\n')
    assert read(path).licence == "tdm-reservation: 1"
    path.write_text('# T\n\n```html\n<meta name="tdm-reservation" content="1">\n```\n\nA.\n')
    assert read(path).licence is None
    path.write_text(
        '# T\n\nPut this:\n\n<pre>\n<meta name="robots" content="noai">\n</pre>\n\nA.\n'
    )
    assert read(path).licence is None
    path.write_text(
        '<html><head><meta name="tdm-reservation" content="1"></head><body>\n\n# T\n\nA.\n'
    )
    assert read(path).licence == "tdm-reservation: 1"

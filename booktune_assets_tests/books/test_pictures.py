"""Pictures of EPUB, Markdown and Livebook: the book's own bytes, nothing else of the world."""

from __future__ import annotations

import base64
import zipfile
from pathlib import Path

import pytest

from booktune_assets.books.blocks import Limits, Parsed
from booktune_assets.books.desk import Desk
from booktune_assets.books.formats import parse
from booktune_assets_tests.books.figure_makers import picture
from booktune_assets_tests.books.makers import epub

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'viewBox="0 0 320 200" onload="evil()"><script>evil()</script><style>@import url(http://x/y);'
    '</style><rect width="9" height="9" onclick="evil()" style="fill:url(http://x/z)"/>'
    '<a href="javascript:evil()"><text>Harbour</text></a><use href="http://x/y.svg#a"/>'
    '<image href="http://x/y.png" width="9" height="9"/><foreignObject><p>hi</p></foreignObject>'
    '<text x="1" y="2">Log</text></svg>'
)


def seen(path: Path) -> tuple[Parsed, dict[str, bytes]]:
    desk = Desk(figures=True)
    return parse(path, Limits(), lambda done, total: None, desk), desk.given


def book(path: Path, body: str, files: dict[str, bytes]) -> Path:
    epub(path, {"text/c.xhtml": f"<h1>T</h1>{body}"})
    with zipfile.ZipFile(path, "a") as archive:
        for name, data in files.items():
            archive.writestr(f"OEBPS/{name}", data)
    return path


def kinds(parsed: Parsed) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in parsed.blocks[1:]]


def test_a_figure_of_an_epub_is_the_bytes_of_the_archive(tmp_path: Path) -> None:
    png, jpg = picture((300, 200)), picture((320, 210), "olive", "JPEG")
    body = (
        "<p>Before.</p><figure id='f1'><img src='../img/a%20b.png' alt=' A  pier '/>"
        "<figcaption>Figure 1.1. The pier</figcaption></figure>"
        "<p>Text <img src='../img/b.jpg'/> goes on.</p><p>Figure 1.2 <b>Boats</b></p>"
        "<figure><div class='figure'><img src='../img/c.png' alt=''/>"
        "<h6><span>Figure 1-3. </span>Lamps</h6></div></figure>"
    )
    files = {"img/a b.png": png, "img/b.jpg": jpg, "img/c.png": picture((80, 90), "navy")}
    parsed, given = seen(book(tmp_path / "b.epub", body, files))
    assert kinds(parsed) == [
        ("prose", "Before."), ("figure", ""), ("caption", "Figure 1.1. The pier"),
        ("prose", "Text goes on."), ("figure", ""), ("caption", "Figure 1.2 Boats"),
        ("figure", ""), ("caption", "Figure 1-3. Lamps"),
    ]  # fmt: skip
    one, two, three = parsed.figures
    assert (one.alt, one.width, one.height, one.media_type) == ("A pier", 300, 200, "image/png")
    assert one.caption is not None and one.caption.text == "Figure 1.1. The pier"
    assert given[f"figures/{one.file}"] == png and given[f"figures/{two.file}"] == jpg
    assert two.caption is not None and two.caption.text == "Figure 1.2 Boats"
    assert three.caption is not None and three.alt is None
    assert one.block.places[0].href == "OEBPS/text/c.xhtml#f1"
    assert all(page.lost == page.doubled == 0 for page in parsed.pages)


def test_icons_and_what_is_not_in_the_book_are_no_figures(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(picture((300, 300)))
    tip = "<p><img src='../tip.png'/>Mind it.</p>"
    body = (
        "<p><img src='../dot.png'/>A.</p><img src='http://example.org/x.png'/>"
        "<img src='../../../secret.png'/><img src='/etc/passwd'/><img src='file:///etc/passwd'/>"
        f"<img src='../none.png'/>{tip * 3}<img role='presentation' src='../big.png'/>"
    )
    sizes = {"dot.png": 16, "tip.png": 64, "big.png": 99}
    files = {name: picture((size, size)) for name, size in sizes.items()}
    parsed, given = seen(book(tmp_path / "b.epub", body, files))
    assert parsed.figures == [] and "figure" not in {kind for kind, _ in kinds(parsed)}
    assert any("not fetched" in words for words in parsed.warnings)
    assert not any(data == picture((300, 300)) for data in given.values())


def test_svg_is_made_harmless_and_its_words_are_kept_with_it(tmp_path: Path) -> None:
    body = f"<p>One.</p>{SVG.replace('http://x', 'http:x')}<p>Two.</p><img src='../d.svg'/>"
    parsed, given = seen(book(tmp_path / "b.epub", body, {"d.svg": SVG.encode()}))
    inline, file = parsed.figures
    assert inline.words == file.words == "Harbour Log"
    assert (file.width, file.height, file.media_type) == (320, 200, "image/svg+xml")
    for figure in (inline, file):
        data = given[f"figures/{figure.file}"].decode()
        assert "evil" not in data and "http:x" not in data and "http://x" not in data
        assert "<rect" in data and "Harbour" in data and "foreignObject" not in data
    assert "Harbour" not in " ".join(text for _, text in kinds(parsed))
    assert all(page.lost == page.doubled == 0 for page in parsed.pages)


def test_an_svg_that_only_shows_an_image_is_that_image(tmp_path: Path) -> None:
    body = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
        '<image xlink:href="../cover.png"/></svg>'
    )
    png = picture((300, 400))
    parsed, given = seen(book(tmp_path / "b.epub", body, {"cover.png": png}))
    (figure,) = parsed.figures
    assert figure.kind == "raster" and given[f"figures/{figure.file}"] == png


def test_pictures_that_cannot_be_kept_say_why(tmp_path: Path) -> None:
    inline = base64.b64encode(picture((90, 90))).decode()
    body = (
        "<img src='../a.png'/><img src='../b.bmp'/>"
        f"<img src='data:image/png;base64,{inline}' alt='inline'/>"
    )
    files = {"a.png": b"\x89PNG\r\n\x1a\n broken", "b.bmp": picture((60, 60), form="BMP")}
    parsed, given = seen(book(tmp_path / "b.epub", body, files))
    broken, bitmap, good = parsed.figures
    assert broken.file is None and "no picture" in str(broken.fault)
    assert bitmap.file is None and "BMP" in str(bitmap.fault)
    assert good.alt == "inline" and len(given) == 1


@pytest.mark.parametrize("name", ["b.md", "b.livemd"])
def test_files_beside_a_text_and_no_others(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "book"
    (folder / "img").mkdir(parents=True)
    (folder / "img" / "pier.png").write_bytes(picture((300, 200)))
    (tmp_path / "outside.png").write_bytes(picture((300, 201)))
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    path = folder / name
    path.write_text(
        '# T\n\nSee ![the pier](img/pier.png) there.\n\n![A lamp](img/pier.png "The lamp")\n\n'
        "![Figure 1.1. The pier](img/pier.png)\n\n![out](../outside.png)\n\n![link](link.png)\n\n"
        "![web](https://example.org/x.png)\n\n![](img/none.png)\n\n"
        "<p><img src='img/pier.png'></p>\n"
    )
    parsed, given = seen(path)
    assert kinds(parsed) == [
        ("prose", "See the pier there."), ("figure", ""), ("figure", ""), ("caption", "The lamp"),
        ("figure", ""), ("caption", "Figure 1.1. The pier"), ("figure", "out"), ("figure", "link"),
        ("figure", "web"), ("figure", "none.png"), ("figure", ""),
    ]  # fmt: skip
    assert [figure.alt for figure in parsed.figures] == ["the pier", "A lamp", None, None]
    assert list(given.values()) == [picture((300, 200))]
    assert all(page.lost == page.doubled == 0 for page in parsed.pages)

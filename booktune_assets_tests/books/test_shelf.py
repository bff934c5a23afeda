"""The shelf: keys that stay, whatever the files are called and whenever they arrive."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from booktune_assets.books.neighbours import sidecar_path
from booktune_assets.books.shelf import Shelf
from booktune_assets.errors import BookError, Code
from booktune_assets.settings import Settings

ODD = (
    "Élixir – “Größe” 程式設計 🧪.pdf",
    "line\nbreak in name.pdf",
    'it\'s "quoted" & $(touch pwned);.pdf',
    "-rf --help.pdf",
    "long-" + "n" * 235 + ".pdf",
)


def shelf(home: Path, *names: str) -> Shelf:
    settings = Settings(home=home)
    settings.books.mkdir(parents=True, exist_ok=True)
    for name in names:
        (settings.books / name).write_text(name)
    return Shelf(settings)


def keys(found: Shelf) -> dict[str, str]:
    return {book.path.name: book.key for book in found.books()}


def test_formats_of_one_stem_are_books_of_their_own_and_the_pdf_has_the_plain_key(
    tmp_path: Path,
) -> None:
    assert keys(shelf(tmp_path, "Joy.epub", "Joy.pdf", "joy.md")) == {
        "Joy.pdf": "joy", "Joy.epub": "joy-epub", "joy.md": "joy-md",
    }  # fmt: skip


def test_a_key_stays_when_others_arrive(tmp_path: Path) -> None:
    assert keys(shelf(tmp_path, "Joy.epub")) == {"Joy.epub": "joy"}
    assert keys(shelf(tmp_path, "Joy.pdf", "joy.pdf"))["Joy.epub"] == "joy"
    assert len(set(keys(shelf(tmp_path)).values())) == 3


def test_odd_names_are_kept_and_get_safe_keys(tmp_path: Path) -> None:
    found = keys(shelf(tmp_path, *ODD))
    assert set(found) == set(ODD)
    assert len(set(found.values())) == len(ODD)
    assert len(sidecar_path(tmp_path / ODD[-1]).name.encode()) <= 255


def test_what_is_no_book_is_left_alone(tmp_path: Path) -> None:
    assert keys(shelf(tmp_path, "notes.txt", ".hidden.pdf", "_draft.md", "a.pdf.toml")) == {}


def test_sidecar_names_licence_title_and_id(tmp_path: Path) -> None:
    found = shelf(tmp_path, "x.pdf")
    sidecar_path(tmp_path / "books" / "x.pdf").write_text(
        'id = "My Book"\ntitle = "T"\nlicence = "CC-BY-4.0"\n'
    )
    book = found.books()[0]
    assert (book.key, book.title, book.licence) == ("my-book", "T", "CC-BY-4.0")
    sidecar_path(book.path).write_text("id = ")
    broken = found.books()[0]
    assert broken.key == "my-book"
    assert broken.fault is not None
    assert "Mend the sidecar x.pdf.toml" in broken.fault


def test_a_fingerprint_follows_the_bytes(tmp_path: Path) -> None:
    found = shelf(tmp_path, "x.pdf")
    first = found.fingerprint(found.book("x"))
    os.utime(tmp_path / "books" / "x.pdf", ns=(1, 1))
    assert found.fingerprint(found.book("x")) == first
    (tmp_path / "books" / "x.pdf").write_text("other")
    assert found.fingerprint(found.book("x")) != first


def test_unknown_and_missing_books_are_told_apart(tmp_path: Path) -> None:
    found = shelf(tmp_path, "x.pdf")
    found.books()
    (tmp_path / "books" / "x.pdf").unlink()
    for key, code in (("x", Code.FILE_MISSING), ("y", Code.UNKNOWN_BOOK)):
        with pytest.raises(BookError) as caught:
            found.book(key)
        assert caught.value.code is code


def _register(home: str) -> list[str]:
    return [book.key for book in Shelf(Settings(home=Path(home))).books()]


def test_many_processes_agree_on_the_keys(tmp_path: Path) -> None:
    shelf(tmp_path, *(f"Book {number % 5}{'.' * (number // 5)}.pdf" for number in range(20)))
    # a multiprocessing.Pool is terminated at the end, and that can wait for ever
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as pool:
        answers = list(pool.map(_register, [str(tmp_path)] * 8))
    assert all(answer == answers[0] for answer in answers)
    assert len(set(answers[0])) == 20


def test_books_are_known_in_the_order_of_their_arrival(tmp_path: Path) -> None:
    shelf(tmp_path, "zebra.pdf").books()
    found = shelf(tmp_path, "ant.pdf")
    found.books()
    assert found.in_order(["ant", "stranger", "zebra"]) == ["zebra", "ant", "stranger"]


def test_pictures_come_with_the_texts_that_name_them(tmp_path: Path) -> None:
    """Two books that name a picture alike have each their own; nothing else is copied."""
    from booktune_assets.books.brought import bring_pictures, names_of_pictures
    from booktune_assets.books.pictures import beside

    shelf = tmp_path / "shelf"
    for name in ("one", "two"):
        folder = tmp_path / name
        (folder / "files").mkdir(parents=True)
        (folder / "files" / "a b.png").write_bytes(name.encode())
        (folder / "other.png").write_bytes(b"x")
        text = "![A](files/a%20b.png) ![B](<files/a b.png>) ![C](../shelf/one.md) image::gone.png[]"
        assert bring_pictures(folder / "book.md", text, shelf / f"{name}.md") == 1
    assert beside(shelf / "two.md")("files/a%20b.png") == b"two"
    assert {path.name for path in shelf.rglob("*") if path.is_file()} == {"a b.png"}
    adoc = ":imagesdir: img\n\nimage::dock.svg[]\nimage:../up.jpeg[]\n"
    assert names_of_pictures(adoc) == ["dock.svg", "img/dock.svg", "../up.jpeg", "img/../up.jpeg"]

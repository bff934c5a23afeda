"""Editions: shares of equal text, what title and imprint add, and which book is the newer."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from booktune_assets.books.editions import BOOKS_MAX, find_editions, imprint
from booktune_assets.contracts import check
from booktune_assets.schemas import EDITIONS

NOBODY = imprint("", "")


def shelf(**texts: range) -> tuple[pl.DataFrame, list[dict[str, Any]]]:
    """Prints and rows of books: each number of a range is a sentence of 100 characters."""
    rows = [
        {"book_id": key, "print_id": f"print_{n}", "chars": 100}
        for key, numbers in texts.items() for n in numbers
    ]  # fmt: skip
    books = [
        {"book_id": key, "format": "epub" if "epub" in key else "pdf", "content_sha256": str(said)}
        for key, said in texts.items()
    ]
    return pl.DataFrame(rows), books


def found(**texts: range) -> list[tuple[str, str, str, float, float]]:
    prints, books = shelf(**texts)
    frame = check(EDITIONS, find_editions(prints, books, dict.fromkeys(texts, NOBODY)))
    return frame.select("book_id", "edition_of", "kind", "share", "share_back").rows()


@pytest.mark.parametrize(
    ("first", "then", "kind"),
    [
        (range(100), range(100), "copy"),
        (range(100), range(5, 100), "layout"),
        (range(100), range(40, 140), "edition"),
        (range(100), range(80, 180), None),
        (range(100), range(10, 20), "part"),
        (range(10, 20), range(100), "part"),
        (range(2), range(2, 4), None),
    ],
)
def test_the_shares_decide(first: range, then: range, kind: str | None) -> None:
    rows = found(one=first, two=then)
    assert [row[2] for row in rows] == ([kind] if kind else [])
    if kind:
        common = len(set(first) & set(then))
        wanted = (round(common / len(then), 4), round(common / len(first), 4))
        assert rows[0][:2] == ("two", "one") and rows[0][3:] == wanted


def test_another_format_is_named_and_every_pair_is_told() -> None:
    rows = found(one=range(100), epub2=range(2, 100), three=range(50, 150))
    assert [row[:3] for row in rows] == [
        ("epub2", "one", "format"), ("three", "epub2", "edition"), ("three", "one", "edition"),
    ]  # fmt: skip


def test_what_stands_in_many_books_makes_no_editions() -> None:
    licence = {f"b{n}": range(10) for n in range(BOOKS_MAX + 1)}
    prints, books = shelf(**licence)
    for number, book in enumerate(books):  # each has something of its own
        book["content_sha256"] = str(number)
    assert find_editions(prints, books, dict.fromkeys(licence, NOBODY)).is_empty()


def test_title_and_isbn_are_evidence_and_make_a_small_share_enough() -> None:
    prints, books = shelf(one=range(100), two=range(80, 180))
    same = {
        "one": imprint("Tides of Erlang", "ISBN 978-1-68050-299-2"),
        "two": imprint("Tides of Erlang, Second Edition", "ISBN-10: 1-68050-299-9"),
    }
    row = find_editions(prints, books, same).row(0, named=True)
    assert row["kind"] == "edition" and row["newer"] == "two"
    assert row["evidence"] == ["text", "title", "isbn"]


@pytest.mark.parametrize(
    ("title", "front", "edition", "year"),
    [
        ("Programming Erlang 2e", "", 2, None),
        ("Erlang (3rd ed.)", "Copyright \u00a9 2019, 2023 The Authors", 3, 2023),
        ("Erlang", "Second Edition\n\nFirst printing, June 2014", 2, 2014),
        ("Erlang 24 in 10 days", "Version 1.17 of 2020 is used", None, None),
        ("OTP, Edition 4", "", 4, None),
    ],
)
def test_imprints(title: str, front: str, edition: int | None, year: int | None) -> None:
    said = imprint(title, front)
    assert (said.edition, said.year) == (edition, year)


def test_an_isbn_counts_only_with_its_check_digit_and_both_forms_are_one() -> None:
    good = imprint("", "ISBN-13: 978-1-68050-299-2 and ISBN 1-68050-299-9, ISBN 1-68050-299-3")
    assert good.isbns == {"9781680502992"}


def test_a_later_year_is_newer_and_silence_is_no_answer() -> None:
    prints, books = shelf(one=range(100), two=range(40, 140))
    years = {"one": imprint("A", "\u00a9 2021"), "two": imprint("A", "\u00a9 2016")}
    assert find_editions(prints, books, years)["newer"].to_list() == ["one"]
    none = dict.fromkeys(("one", "two"), imprint("A", ""))
    assert find_editions(prints, books, none)["newer"].to_list() == [None]

"""Ids and digests: content in, the same name out; never position or clock."""

import re
import subprocess
import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from booktune_assets import ids

TEXT = st.text(max_size=60)


@given(TEXT)
def test_slug_is_always_a_safe_partition_key(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,79}", ids.slug(name))


@given(TEXT)
def test_a_taken_slug_gets_another_one(name: str) -> None:
    first = ids.slug(name)
    second = ids.slug(name, {first})
    assert second != first
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,79}", second)


def test_slugs_people_expect() -> None:
    table = {
        "Programming Elixir ≥ 1.6": "programming-elixir-1-6",
        "Élixir – Größe": "elixir-groe",
        "final_FINAL (2) copy": "final-final-2-copy",
        "-rf --help": "rf-help",
        "a/b,c.d": "a-b-c-d",
    }
    assert {name: ids.slug(name) for name in table} == table
    assert ids.slug("程式設計").startswith("book-")


@given(st.lists(TEXT, min_size=1, max_size=4), st.lists(TEXT, min_size=1, max_size=4))
def test_different_fields_never_share_an_id(left: list[str], right: list[str]) -> None:
    same = ids.make_id("x", *left) == ids.make_id("x", *right)
    assert same == (left == right)


def test_ids_do_not_depend_on_the_process() -> None:
    code = "from booktune_assets.ids import *; print(make_id('sec','b','t',0), stable_int('x'))"
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


@given(TEXT)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = ids.normalise_prose(text)
    assert ids.normalise_prose(once) == once
    code = ids.normalise_code(text)
    assert ids.normalise_code(code) == code


def test_layout_does_not_change_prose_but_indentation_changes_code() -> None:
    assert ids.normalise_prose("a super-\nvisor  “starts”\nit") == ids.normalise_prose(
        'a supervisor "starts" it'
    )
    assert ids.normalise_code("def a do\n  1\nend\n") != ids.normalise_code("def a do\n 1\nend\n")


@given(st.dictionaries(TEXT, st.integers(), max_size=5))
def test_digest_ignores_key_order(value: dict[str, int]) -> None:
    assert ids.digest(value) == ids.digest(dict(reversed(value.items())))


@given(TEXT)
def test_folding_keeps_letters_and_digits_and_no_blank(text: str) -> None:
    once = ids.fold_prose(text)
    assert once == "".join(once.split())
    # an accent that stood alone may join the letter before it: the letter stays
    apart = [unicodedata.normalize("NFD", one) for one in (once, ids.normalise_prose(text))]
    letters = [[sign for sign in one if sign.isalnum()] for one in apart]
    assert letters[0] == letters[1]


def test_two_layouts_of_a_sentence_fold_to_one() -> None:
    wanted = ids.fold_prose('It\'s "well-known": see File.read!/1, if/else, x... - or not')
    for other in (
        "It\u2019s \u201cwell-\nknown\u201d :  see File.read!/ 1 , if/\nelse, x\u2026 - or not",
        "It\u2019s \u201cwellknown\u201d: see File.read!/1, if/else, x\u200b... - or\u00a0not",
    ):
        assert ids.fold_prose(other) == wanted


def test_different_sentences_stay_different() -> None:
    said = [
        "It returns 1", "It returns -1", "It returns 1.", "It returns 11", "it returns 1",
        "mix test --force", "mix test force",
        "pages 3\u20135", "pages 35", "Enum.map/2", "Enum.map/3", "a = b", "a == b",
        ":ok", "ok", "x + y", "x - 1", "x 1",
    ]  # fmt: skip
    assert len({ids.fold_prose(one) for one in said}) == len(said)

"""The learning order: evidence between chapters, and the order that follows."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.books.blocks import Block
from booktune_assets_tests.books.books_lab import Frames, book, code, head, rows, say, titles


def define(module: str, *functions: str) -> Block:
    body = "\n".join(f"  def {name}(x), do: x" for name in functions)
    return code(f"defmodule {module} do\n{body}\nend")


def order(frames: Frames) -> list[str | None]:
    name = titles(frames)
    found = sorted(rows(frames, "order"), key=lambda row: row["position"])
    return [name[row["section_id"]] for row in found]


def builds(frames: Frames) -> set[tuple[str | None, str | None, str, str, bool]]:
    name = titles(frames)
    return {
        (name[r["section_id"]], name[r["target_section_id"]], r["kind"], r["what"], r["counts"])
        for r in rows(frames, "builds")
    }


def test_references_modules_and_functions_are_evidence() -> None:
    frames = book(
        [
            head("Preface"),
            say("See Chapter 2."),
            head("Tides", 1, "1"),
            define("Tide", "high"),
            head("Low", 2, "1.1"),
            define("Tide.Low", "go"),
            head("Boats", 1, "2"),
            code("Tide.high(4)"),
            say("As in Section 1.1."),
            head("Lamps", 1, "3"),
            code("iex> Tide.Low.go(1)\n1", "iex"),
            say("Chapter 1 and Chapter 2."),
        ]
    )
    assert order(frames) == ["Tides", "Boats", "Lamps"]
    assert builds(frames) == {
        ("Boats", "Tides", "module", "Tide", True),
        ("Boats", "Tides", "function", "Tide.high", True),
        ("Boats", "Tides", "reference", "Section 1.1", True),
        ("Lamps", "Tides", "module", "Tide.Low", True),
        ("Lamps", "Tides", "function", "Tide.Low.go", True),
        ("Lamps", "Tides", "reference", "Chapter 1", True),
        ("Lamps", "Boats", "reference", "Chapter 2", True),
    }
    last = rows(frames, "order")[-1]
    assert (last["by_references"], last["by_modules"], last["by_functions"]) == (2, 1, 1)
    texts = dict(frames["sections__blocks"].select("block_id", "text").iter_rows())
    where = {row["what"]: texts[row["block_id"]] for row in rows(frames, "builds")}
    assert where["Tide.high"] == "Tide.high(4)" and where["Section 1.1"] == "As in Section 1.1."


def test_naming_a_later_chapter_moves_nothing() -> None:
    frames = book(
        [
            head("One", 1, "1"),
            say("More in Chapter 3."),
            code("Later.a(1)\nLater.b(1)"),
            head("Two", 1, "2"),
            head("Three", 1, "3"),
            define("Later", "a", "b"),
        ]
    )
    assert order(frames) == ["One", "Two", "Three"]
    assert {(one[0], one[4]) for one in builds(frames)} == {("One", False)}


def test_code_that_needs_much_of_a_later_chapter_waits_for_it() -> None:
    frames = book(
        [
            head("One", 1, "1"),
            code("Later.a(1)\nLater.b(1)\nLater.c(1)\nLater.d(1)"),
            head("Two", 1, "2"),
            head("Three", 1, "3"),
            define("Later", "a", "b", "c", "d"),
            head("Four", 1, "4"),
        ]
    )
    assert order(frames) == ["Two", "Three", "One", "Four"]


def test_a_circle_is_not_closed() -> None:
    names = ("a", "b", "c", "d")
    calls = "\n".join(f"Later.{one}(Early.{one}(1))" for one in names)
    frames = book(
        [
            head("One", 1, "1"),
            define("Early", *names),
            code(calls.replace("Early.", "")),
            head("Two", 1, "2"),
            define("Later", *names),
            code(calls.replace("Later.", "")),
        ]
    )
    assert order(frames) == ["One", "Two"]


def test_a_name_defined_anew_belongs_to_the_nearest_chapter_before() -> None:
    frames = book(
        [
            head("A", 1, "1"),
            define("Tide", "a"),
            head("B", 1, "2"),
            define("Tide", "a", "b"),
            head("C", 1, "3"),
            code("Tide.a(1)"),
            head("D", 1, "4"),
            define("Tide", "a"),
            code("Tide.b(1)"),
        ]
    )
    assert {(one[0], one[1]) for one in builds(frames)} == {("C", "B")}


def test_sections_of_one_title_page_are_chapters() -> None:
    frames = book(
        [
            head("The Book", 1),
            head("One", 2, "1"),
            define("T", "a"),
            head("Two", 2, "2"),
            code("T.a(1)"),
        ]
    )
    assert order(frames) == ["One", "Two"]


CHAPTERS = st.lists(
    st.tuples(
        st.lists(st.tuples(st.sampled_from("ABCD"), st.sampled_from("wxyz")), max_size=5),
        st.lists(st.tuples(st.sampled_from("ABCD"), st.sampled_from("wxyz")), max_size=8),
        st.lists(st.integers(1, 7), max_size=3),
    ),
    min_size=2,
    max_size=7,
)


@settings(deadline=None)
@given(CHAPTERS)
def test_whatever_is_needed_comes_before(
    found: list[tuple[list[tuple[str, str]], list[tuple[str, str]], list[int]]],
) -> None:
    blocks: list[Block] = []
    for number, (made, used, named) in enumerate(found, start=1):
        blocks.append(head(f"Chapter of {number}", 1, str(number)))
        blocks += [define(f"Mod{one}", two) for one, two in made]
        blocks += [code(f"Mod{one}.{two}({n})") for n, (one, two) in enumerate(used)]
        blocks += [say(f"See Chapter {one}.") for one in named]
    frames = book(blocks)
    chapters = rows(frames, "order")
    place = {row["section_id"]: row["position"] for row in chapters}
    assert sorted(place.values()) == list(range(len(found)))
    counting = {
        (r["section_id"], r["target_section_id"]) for r in rows(frames, "builds") if r["counts"]
    }
    assert counting == {(r["section_id"], one) for r in chapters for one in r["builds_on"]}
    assert all(place[target] < place[source] for source, target in counting)
    assert book(blocks)["sections__order"].equals(frames["sections__order"])

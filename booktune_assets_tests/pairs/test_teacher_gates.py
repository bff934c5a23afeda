"""What is refused without a model: ungrounded words, numbers, names of code, code that is none."""

from __future__ import annotations

import pytest

from booktune_assets.beam.symbols import BookSymbols, Symbol, SymbolTable, book_symbols
from booktune_assets.pairs import identifiers
from booktune_assets.pairs.candidate import Quote
from booktune_assets.pairs.recipes.base import Block, Exchange, Passage
from booktune_assets.pairs.teacher_gates import coverage, refused_by
from booktune_assets.settings import Pairs

PROSE = (
    "The function Enum.map/2 applies a function to each element of a list and returns a new list "
    "of the same length. It never changes the list that it is given, and it stops at 3 elements "
    "in this example."
)
CODE = "Enum.map([1, 2, 3], fn number -> number * 2 end)"
TEXT = f"{PROSE}\n\n{CODE}"
INSTALLED = SymbolTable(
    "1",
    {
        "Enum": {("map", 2): Symbol("function"), ("filter", 2): Symbol("function")},
        ":lists": {("reverse", 1): Symbol("function")},
        "Kernel": {("length", 1): Symbol("function")},
    },
)


def passage() -> Passage:
    first = len(PROSE) + 2
    return Passage("passage_1", "sec_1", ("Lists",), "Elixir", [
        Block("B1", "blk_1", "prose", "", PROSE, 0, len(PROSE)),
        Block("B2", "blk_2", "code", "elixir", CODE, first, first + len(CODE)),
    ])  # fmt: skip


BOOK = book_symbols(
    [("blk_2", "defmodule Tally do\n  def next(number), do: number + 1\nend", "elixir")]
)


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identifiers, "exports", lambda: INSTALLED)


def refuse(
    answer: str, question: str = "What does Enum.map/2 do in Elixir?", quote: str = PROSE[:60]
) -> tuple[str, str] | None:
    at = TEXT.index(quote)
    block = "blk_1" if at < len(PROSE) else "blk_2"
    one = Exchange(question, answer, [Quote("sec_1", block, at, at + len(quote), quote, "answer")])
    return refused_by(one, passage(), {"sec_1": TEXT}, Pairs(), BOOK)


GOOD = "Enum.map/2 applies a function to each element of a list and returns a new list."


def test_a_grounded_answer_passes() -> None:
    assert refuse(GOOD) is None
    assert refuse(f"{GOOD}\n\n```elixir\n{CODE}\n```") is None
    assert refuse(f"{GOOD} It leaves a list of 3 elements unchanged.") is None


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            "Databases keep rows in pages on disk, and transactions make changes durable there.",
            "answer_not_covered",
        ),
        (f"{GOOD} It takes at most 17 elements of the list.", "number_not_in_evidence"),
        (f"{GOOD} So does `Enum.collect/2` for each element.", "identifier_not_found"),
        (f"{GOOD} So does `Enum.map/4` for each element.", "identifier_not_found"),
        (f"{GOOD} So does `:maps.transmute` for each element.", "identifier_not_found"),
        (f"{GOOD} The function `lists:turn/1` changes a list.", "identifier_not_found"),
        (f"{GOOD}\n\n```elixir\nEnum.mapp([1], fn a -> a end)\n```", "identifier_not_found"),
    ],
)
def test_what_stands_nowhere_is_refused(answer: str, reason: str) -> None:
    gate = "G2_identifiers" if reason == "identifier_not_found" else "G2_grounding"
    assert refuse(answer) == (gate, reason)


@pytest.mark.parametrize(
    "more",
    [
        "The list is given to `Enum.filter/2` too.",  # installed
        "The list is given to `:lists.reverse` or `lists:reverse/1` too.",
        "The function `Tally.next/1` returns a new element.",  # the book's own
        "The function `next/1` returns a new element.",
        "The function `length/1` returns the length.",
    ],
)
def test_names_of_the_book_and_of_the_libraries_are_known(more: str) -> None:
    assert refuse(f"{GOOD} {more}") is None


def test_a_module_that_the_answer_defines_is_known() -> None:
    code = "defmodule Doubler.List do\n  def run(list), do: Enum.map(list, fn n -> n * 2 end)\nend"
    assert refuse(f"{GOOD}\n\n```elixir\n{code}\n\nDoubler.List.run([1, 2])\n```") is None


@pytest.mark.parametrize(
    ("question", "answer", "refusal"),
    [
        ("What does it do?", GOOD + " As we saw in chapter 2, it is eager.",
         ("G1_stands_alone", "answer_points_elsewhere")),
        ("What does the listing above do in this section?", GOOD,
         ("G1_stands_alone", "question_points_elsewhere")),
        ("What does Enum.map/2 do?", "It applies a function to each element of a list.",
         ("G1_stands_alone", "answer_dangling_start")),
        ("What does Enum.map/2 do?", f"{GOOD}\n\n```elixir\nEnum.map([1, fn ->\n```",
         ("G3_parse", "code_does_not_parse")),
        ("What does Enum.map/2 do?", "What does Enum.map/2 do?",
         ("G0_form", "answer_is_question")),
        ("What does Enum.map/2 do?", f"{GOOD}\n\n```elixir\nEnum.map",
         ("G0_form", "fence_open")),
        ("What does Enum.map/2 do?", f"{GOOD} <|im_end|>",
         ("G0_form", "template_residue")),
    ],
)  # fmt: skip
def test_the_gates_of_all_pairs_hold_for_the_teacher(
    question: str, answer: str, refusal: tuple[str, str]
) -> None:
    assert refuse(answer, question) == refusal


def test_an_exchange_knows_what_it_passed() -> None:
    one = Exchange("What does Enum.map/2 do in Elixir?", GOOD,
                   [Quote("sec_1", "blk_1", 0, 60, PROSE[:60], "answer")])  # fmt: skip
    assert refused_by(one, passage(), {"sec_1": TEXT}, Pairs(), BookSymbols()) is None
    assert one.passed == [
        "G0_form", "G1_stands_alone", "G2_grounding", "G3_parse", "G2_identifiers",
    ]  # fmt: skip


def test_a_quote_that_was_moved_is_refused() -> None:
    one = Exchange("What does Enum.map/2 do?", GOOD,
                   [Quote("sec_1", "blk_1", 1, 61, PROSE[:60], "answer")])  # fmt: skip
    found = refused_by(one, passage(), {"sec_1": TEXT}, Pairs(), BookSymbols())
    assert found == ("G2_grounding", "quote_not_exact")


def test_coverage_counts_content_words_once() -> None:
    assert coverage("A ship waits for the tide.", "Ships wait for a high tide.") == 1.0
    assert coverage("Cows eat grass daily.", "Ships wait for a high tide.") == 0.0
    assert coverage("Ships wait while cows eat grass.", "Ships wait.") == pytest.approx(2 / 5)
    assert coverage("", "x") == 1.0


@pytest.mark.parametrize(
    "code",
    [
        "iex> Enum.map([1], fn n -> n end) [1]", "Then iex(2)> Enum.map([1], fun)",
        "defmodule Lists do def each(list), do: list end",
        "So it is:\n\n    def each(list) do\n      list\n    end", "1> Enum.map([1], fun).",
        "-module(lists).",
    ],
)  # fmt: skip
def test_code_without_a_fence_is_refused_before_it_is_taken_for_words(code: str) -> None:
    assert refuse(f"{GOOD}\n\n{code}") == ("G0_form", "code_not_fenced")
    assert refuse(GOOD, f"What does Enum.map/2 do here?\n\n{code}") == (
        "G0_form", "code_not_fenced",
    )  # fmt: skip


@pytest.mark.parametrize(
    "said", ["It is typed at the iex> prompt.", "It is typed as `iex> Enum.map(list, fun)`."]
)
def test_a_prompt_that_is_spoken_of_and_inline_code_are_no_bare_code(said: str) -> None:
    assert refuse(f"{GOOD} {said}") != ("G0_form", "code_not_fenced")


@pytest.mark.parametrize("question", [".", "Enum", "…?"])
def test_a_question_of_a_word_or_none_asks_nothing(question: str) -> None:
    assert refuse(PROSE[:110], question) == ("G1_stands_alone", "question_too_short")

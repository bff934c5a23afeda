"""Rows that a reader has to be able to answer alone: what a reading found lacking."""

import pytest

from booktune_assets.pairs.alone import lacking
from booktune_assets.pairs.candidate import Candidate, Quote, View
from booktune_assets.pairs.code_forms import shows_what_it_names
from booktune_assets.pairs.compare import compare
from booktune_assets.pairs.fill import fill_in
from booktune_assets.pairs.gates import BY_READING, refused
from booktune_assets.pairs.path_lesson import explains
from booktune_assets.pairs.prose import stands
from booktune_assets.pairs.subjects import made_here
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.asking import asked

HEAD = "# Kettles\n\nElixir is a language for kettles and other things that boil over.\n\n"
ERROR = "What does this mean?\n\n```\n** (MatchError) no match of right hand side value: 1\n```"


def _gate(answer: str) -> tuple[str, str] | None:
    quote = Quote("s", "b", 0, len(answer), answer, "answer")
    made = Candidate("define", "b", "", "theory", "What is a kettle?", answer, [quote])
    return refused(made, {"s": answer}, Pairs(), BY_READING)


@pytest.mark.parametrize(
    "end",
    ["For example, imagine you want to warm two cups at once.",
     "Suppose that we want to pour tea into a cup.", "Let's say we have a cup of tea."],
)  # fmt: skip
def test_an_answer_does_not_end_in_a_case_that_the_page_goes_on_with(end: str) -> None:
    whole = "A kettle is a vessel that warms water until it boils."
    assert _gate(whole) is None
    assert _gate(f"{whole} {end}") is not None


def test_an_error_message_alone_is_no_code_to_point_at() -> None:
    told = "This error happens because the value that is returned from this call is another one."
    assert lacking(told, ERROR) == "answer_points_at_nothing"
    assert not lacking(told, f"{ERROR}\n\n```elixir\n2 = one()\n```")
    assert not lacking("This error happens because the match finds another value there.", ERROR)


@pytest.mark.parametrize(
    ("name", "passage", "shown"),
    [
        ("tuples", "All callbacks can also return {stop, Req, State} to stop.", True),
        ("map", "It takes %{size: 1} as options.", True),
        ("tuples", "All callbacks can also return a list of names to stop.", False),
        ("supervisor", "All callbacks can also return {stop, Req, State} to stop.", False),
    ],
)
def test_code_that_shows_a_thing_is_not_silent_on_it(name: str, passage: str, shown: bool) -> None:
    assert shows_what_it_names(name, passage) == shown


def test_what_is_told_of_one_build_stands_alone_no_more() -> None:
    assert not stands("The Inspect.Kettle module has been automatically generated for the struct.")
    assert stands("The Inspect protocol decides how the value of a kettle is printed in a shell.")
    assert not stands(
        "Websocket handlers have a new option that customizes what is left of a request."
    )
    assert not stands("Pattern matching can be used for even more things than picking out keys.")


def test_a_protocol_of_the_page_is_no_part_of_the_language() -> None:
    code = {"block_id": "1", "section_id": "s", "kind": "code", "lang": "elixir", "char_start": 0,
            "text": "defprotocol Size do\n  def size(data)\nend"}  # fmt: skip
    here = View("s", "Protocols", str(code["text"]), "Elixir", [code], [])
    assert made_here(here, "the Size protocol") and not made_here(here, "the Enumerable protocol")


def test_an_exception_that_is_thrown_is_not_described() -> None:
    text = HEAD + "## Headers\n\n{} if the given header of a kettle cannot be parsed by Elixir.\n"
    told = asked(text.format("An exception will be thrown"), "define")
    assert not [one for one in told if one[1].startswith("An exception")]


def test_a_heading_of_one_word_is_asked_with_the_one_above() -> None:
    text = (
        "# Kettles of Elixir\n\n## Imports\n\nKettles are imported as a whole, lid and spout.\n\n"
        "### Filtering\n\nBy default all functions and macros of a kettle are imported by filtering"
        " its names with two options.\n"
    )
    ((question, _),) = [one for one in asked(text, "reason") if one[1].startswith("By default")]
    assert "Imports: Filtering" in question
    named = text.replace("### Filtering", "### Filters of Elixir").replace(
        "filtering", "filters of"
    )
    ((question, _),) = [one for one in asked(named, "reason") if one[1].startswith("By default")]
    assert question.count("Elixir") == 1  # the topic names it


def test_a_name_in_the_middle_of_a_sentence_keeps_its_capital() -> None:
    text = (
        HEAD
        + "## Structs\n\nA struct is a map that has a name and a fixed set of keys in Elixir.\n\n"
        "Contrary to Time, a struct has info about the date, without any info on the hour.\n"
    )
    ((question, _),) = asked(text, "compare")
    assert "Time" in question


def test_a_session_is_explained_with_what_it_rests_on() -> None:
    text = (
        HEAD + "```iex\niex> add = fn a, b -> a + b end\n#Function<1.2/2>\n```\n\nThat was it.\n\n"
        "```iex\niex> add.(1, 2)\n3\n```\n\nThis expression calls the anonymous function `add` "
        "with a dot, as all anonymous functions of Elixir are called.\n"
    )
    found = [one for one in asked(text, "explain_code") if "add.(1, 2)" in one[0]]
    ((question, _),) = found
    assert question.index("add = fn a, b -> a + b end") < question.index("add.(1, 2)")


KETTLE = """defmodule Kettle do
  @doc "Warms the kettle by some degrees."
  def warm(degrees) do
    Process.sleep({})
    degrees + heat(:{})
  end

  defp heat(:water), do: 20
  defp heat(_), do: 3000
end"""


@pytest.mark.parametrize(
    ("pause", "name", "problem"),
    [("3000", "water", ""), ("4711", "water", "literal_not_in_question"),
     ("3000", "oil", "literal_not_in_question")],
)  # fmt: skip
def test_a_body_has_no_constant_that_nobody_can_know(pause: str, name: str, problem: str) -> None:
    text = KETTLE.replace("{}", pause, 1).replace("{}", name, 1)
    block = {"block_id": "1", "section_id": "s", "kind": "code", "lang": "elixir",
             "char_start": 0, "text": text}  # fmt: skip
    made = list(fill_in(View("s", "Kettles", text, "Elixir", [block], [])))
    (one,) = [one for one in made if "warm/1" in one.question]
    assert one.problem == problem


def test_what_a_walk_explains_is_the_concept_and_not_something_within_its_topic() -> None:
    told = "Binaries are more efficient than lists for representing strings."
    assert explains("What are binaries in Cowboy?", told, "binary")
    assert explains('Explain the topic "Binaries" in Cowboy.', f"On them: {told}", "binary")
    within = 'In Cowboy, what is important about processing when it comes to "Binaries"?'
    assert not explains(within, "Processing of binaries can vary depending on it.", "binary")
    other = 'With regard to "Constants" in Cowboy: what matters about binaries?'
    assert not explains(other, told, "binary")


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("unlike streams (which end with an answer), so frames may come at any time.", True),
        ("unlike HTTP/1.1 (whose server can only begin streams as answers to requests).", False),
    ],
)
def test_what_is_compared_stands_beside_the_word_that_compares(end: str, told: bool) -> None:
    text = f"Sockets are open at two ends for a long time, {end}"
    block = {"block_id": "1", "section_id": "s", "kind": "prose", "lang": "", "char_start": 0,
             "text": text}  # fmt: skip
    at = text.index("streams")
    names = [(0, 7, "socket", "term"), (at, at + 7, "stream", "term")]
    here = View("s", "Roads", text, "Elixir", [block], [], mentions=names, subject="Elixir")
    assert len(list(compare(here))) == told

"""Which prose explains which code, also where it names nothing that stands in it."""

import pytest

from booktune_assets.pairs.candidate import View
from booktune_assets.pairs.wording import BANK
from booktune_assets.pairs.write import write_code
from booktune_assets_tests.pairs.asking import asked

HEAD = "# Kettles\n\nElixir is a language for kettles and other things that boil over.\n\n"
MAP = '```iex\niex> Map.delete(kettle, "lid")\n%{"spout" => 1}\n```\n\n'
ERROR = "```elixir\n** (MatchError) no match of right hand side value: {:error, :enoent}\n```\n\n"


@pytest.mark.parametrize(
    "said",
    [
        "This function takes a map, and then a key. When it acts, it drops that key from the map.",
        "In this example, we say which key of the map is to go, and get what is left of it.",
        "With this code, we tell Elixir which key of the map is to go, and get what is left of it.",
    ],
)
def test_prose_on_this_code_speaks_of_its_forms(said: str) -> None:
    ((question, answer),) = asked(HEAD + MAP + said + "\n", "explain_code")
    assert "Map.delete" in question
    assert answer == said


@pytest.mark.parametrize(
    "said",
    [
        "This function may also take a map, which many readers of long books like a lot.",
        "This struct has to be made before any such call, and that takes a while on a slow day.",
        "We get a map here. Maps are good for a lot of things that nobody has thought of.",
        "This sometimes results in maps that nobody likes, as many readers of long books know.",
    ],
)
def test_prose_on_other_things_explains_nothing(said: str) -> None:
    assert not asked(HEAD + MAP + said + "\n", "explain_code")


def test_what_follows_an_outcry_explains_all_the_same() -> None:
    told = "The function `Map.delete` has dropped the key from the map and gives what is left."
    ((_, answer),) = asked(HEAD + MAP + f"Oh no! {told}\n", "explain_code")
    assert answer == told


def test_a_message_alone_is_asked_about_as_an_error_and_is_not_read_as_code() -> None:
    told = "This error comes because the tuple has `:error` first, and the pattern wants `:ok`."
    ((question, answer),) = asked(HEAD + ERROR + told + "\n", "explain_code")
    assert "wrong" in question or "error" in question or "message" in question
    assert "```elixir" not in question
    assert answer == told


def test_a_listing_that_ends_in_its_result_answers_no_task() -> None:
    task = "Let's delete a key from a map of kettles with `Map.delete/2`:\n\n"
    code = 'kettle = %{"lid" => 1, "spout" => 1}\nMap.delete(kettle, "lid")'
    plain, shown = (
        f"{HEAD}{task}```elixir\n{code}{end}\n```\n" for end in ("", '\n%{"spout" => 1}')
    )
    assert asked(plain, "write_code")
    assert not asked(shown, "write_code")


@pytest.mark.parametrize(
    ("title", "code", "task"),
    [
        ("Reversing a String", 'String.reverse("kettle")', "Reverse a string."),
        ("Split a string", 'String.split("two kettles")', "Split a string."),
        ("Reversing a String", 'IO.puts("reverse a string")', ""),
        ("Mapping over maps", "Enum.map([1, 2], fn one -> one + 1 end)", ""),
        ("Stream loop", "String.stream_loop([1])", ""),
        ("Adding something", 'Map.put(%{}, "add", "something")', ""),
    ],
)
def test_a_heading_is_a_task_for_code_that_names_it(title: str, code: str, task: str) -> None:
    text = f"A string, how nice.\n\n{code}"
    blocks = [
        {"block_id": "1", "section_id": "s", "kind": "prose", "lang": "", "char_start": 0,
         "text": "A string, how nice."},
        {"block_id": "2", "section_id": "s", "kind": "code", "lang": "elixir", "char_start": 21,
         "text": code},
    ]  # fmt: skip
    made = list(write_code(View("s", title, text, "Elixir", blocks, [])))
    assert [one.borrowed for one in made] == [task] * bool(task)
    assert all(code in one.answer and one.run_only and not one.problem for one in made)


def test_what_leads_to_the_next_listing_does_not_explain_the_one_before() -> None:
    told = "Without the lid, the map of the kettle can be looked at by the function `Map.keys/1`."
    then = "```iex\niex> Map.keys(kettle)\n" + '["spout"]\n```\n'
    other = '```iex\niex> Map.values(kettle)\n["1"]\n```\n'
    assert asked(f"{HEAD}{MAP}{told}\n", "explain_code") == asked(
        f"{HEAD}{MAP}{told}\n\n{other}", "explain_code"
    )
    assert asked(f"{HEAD}{MAP}{told}\n", "explain_code")
    assert not [
        question for question, _ in asked(f"{HEAD}{MAP}{told}\n\n{then}", "explain_code")
        if "Map.delete" in question
    ]  # fmt: skip


def test_a_sentence_that_sums_code_up_is_asked_for_in_short() -> None:
    lead = "The next module heats up a kettle of water in Elixir"
    page = f"# Kettles\n\n{lead}{{}}:\n\n```elixir\n{{}}\n```\n"
    code = "defmodule Heat do\n  def up(kettle), do: Map.put(kettle, :heat, 100)\nend"
    ((question, answer),) = asked(page.format("", code), "explain_code")
    assert answer == "The module heats up a kettle of water in Elixir."
    brief = [one.format(language="Elixir") for one in BANK["brief_code"]]
    assert question.startswith(tuple(brief))
    more = " by putting a hundred degrees below the key that stands for how hot the water is in it"
    ((question, _),) = asked(page.format(more, code), "explain_code")
    assert not question.startswith(tuple(brief))

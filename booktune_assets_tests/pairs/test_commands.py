"""Commands of a terminal: asked only where the sentence before says what they do."""

import pytest

from booktune_assets.pairs.commands import command_of, terminal_task
from booktune_assets_tests.pairs.asking import asked

PAGE = """# Harbours in Mix

Harbours of Elixir are kept in a project, which Mix makes and builds for whoever asks it to.

```elixir
IO.puts("harbour")
```

{lead}

```sh
{code}
```
"""


@pytest.mark.parametrize(
    ("sentence", "task"),
    [
        ("First, let's create a Mix project for our application:",
         "Create a Mix project for the application."),
        ("We'll begin by generating a project with a supervision tree:",
         "Generate a project with a supervision tree."),
        ("Now to run our benchmark, we call:", "Run the benchmark."),
        ("You can run your tests by entering this on your terminal's command line:",
         "Run the tests."),
        ("Fetch the dependencies using", "Fetch the dependencies."),
        ("Let's run that test again and see what happens:", ""),
        ("Run it with this:", ""),
        ("It takes a few minutes for the download to complete.", ""),
        ("Then we call:", ""),
    ],
)  # fmt: skip
def test_a_sentence_is_a_task_or_none(sentence: str, task: str) -> None:
    assert terminal_task(sentence) == task


def test_commands_end_where_their_output_begins() -> None:
    assert command_of("$ mix new hello\n\n* creating README.md\n\nmix test") == ["mix new hello"]
    assert command_of("mix new friends --sup\ncd friends") == ["mix new friends --sup"]
    assert command_of("* creating README.md\n$ mix test") == []
    assert command_of("mix test # all of them") == []


def _asked(lead: str, code: str) -> list[tuple[str, str]]:
    pairs = asked(PAGE.format(lead=lead, code=code), "write_code")
    return [one for one in pairs if "```sh" in one[1]]


def test_names_that_the_page_chose_are_given_and_options_have_to_be_told() -> None:
    lead = "Let's create a project with a supervision tree:"
    ((question, answer),) = _asked(lead, "$ mix new quay --sup\n* creating README.md")
    assert answer == "```sh\nmix new quay --sup\n```" and "Use the name `quay`." in question
    assert "--sup" not in question and "Elixir" in question
    assert not _asked("Let's create a project:", "mix new quay --sup")  # why --sup?
    assert not _asked("Let's build the harbour of the town:", "mix ecto.migrate")
    assert not _asked("Let's look at what it tells us now:", "mix test")

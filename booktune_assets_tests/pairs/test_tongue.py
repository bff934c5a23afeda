"""A book in another language, about nothing we know, or with commands in fences of programs."""

from __future__ import annotations

import re

import pytest

from booktune_assets.pairs.extract import PairsMade
from booktune_assets.pairs.tongue import is_commands, spoken_of, tongue
from booktune_assets.pairs.wording import BANK, ask
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import book

SAID = {
    "en": "A process is an isolated unit of work that keeps its own state and talks by messages.",
    "de": "Ein Prozess ist eine Einheit, die nicht von den anderen abhängt und mit ihnen spricht.",
    "fr": "Un processus est une unité qui ne dépend pas des autres et parle avec elles par des "
    "messages dans une file.",
    "es": "Un proceso es una unidad que no depende de las otras y habla con ellas por los mensajes "
    "que se guardan en una cola.",
    "it": "Un processo è una unità che non dipende dalle altre e parla con il resto della "
    "applicazione con i messaggi.",
    "other": "Процесс это изолированная единица работы которая хранит своё состояние.",
    "": "GenServer Supervisor Registry",
}


@pytest.mark.parametrize("lang", SAID)
def test_prose_tells_its_language(lang: str) -> None:
    assert tongue(SAID[lang]) == lang


COMMANDS = [
    "mix new people", "iex -S mix", "cd kv", "git commit -m \"x\"", "$ ls\nlib  mix.exs", "make",
    "mix deps.get\ncd kv && mix test", "sudo apt install erlang", "docker run \\\n  -it elixir",
    "# first\nmix new kv",
]  # fmt: skip
PROGRAMS = [
    "mix = 1", "defmodule A do\nend", "cat |> purr()", "git(:commit)", "make = fn -> 1 end",
    "cd \"kv\"\nFile.ls!()", "# only a comment", "", "export(foo)", "rm - 1", "-module(a).",
]  # fmt: skip


def test_commands_are_no_program() -> None:
    assert [text for text in COMMANDS if not is_commands(text)] == []
    assert [text for text in PROGRAMS if is_commands(text)] == []


def made(text: str) -> PairsMade:
    return pairs_of(book(text))


GERMAN = """# Prozesse

Ein *Prozess* ist eine Einheit, die nicht von den anderen abhängt und mit ihnen nur über Nachrichten
spricht. Das ist in Elixir sehr wichtig, weil ein Fehler dann nicht alles mit sich reißt.

```elixir
defmodule Ping do
  def reply(:ping), do: :pong
end
```

Das Modul `Ping` zeigt eine Funktion `reply`, die mit `:pong` auf `:ping` antwortet, und das ist
eine Funktion, die nicht von den anderen abhängt.
"""
KITCHEN = """# Sourdough

A *starter* is a culture of flour and water that is fed each day and makes the bread rise slowly.
It is kept in a jar, and a part of it goes into each dough.

## Levain

The *levain* is a young starter that is mixed for one dough only and used at its peak of activity.
A levain is a young starter that is mixed for one dough. It is used at its peak of activity.
"""
SHELL = """# A new project

A *project* is a folder with a file that tells Elixir how its code is compiled and tested.

The following command creates a new project, with a folder for the code and one for its tests.

```elixir
mix new people
```

The command prints the files that it makes, and the project can be compiled right away afterwards.
"""


def test_a_section_in_another_language_gives_rows_and_no_pairs() -> None:
    found = made(GERMAN)
    pairs, lost = (found.frames[f"instruction_pairs{end}"] for end in ("", "__rejected"))
    assert ("G1_stands_alone", "other_language") in lost.select("gate", "reason").rows()
    said = " ".join(turn["content"] for turns in pairs["turns"].to_list() for turn in turns)
    assert "Prozess" not in said and "Das Modul" not in said
    assert found.counts["sections_other_language"] == 1


def test_a_book_about_nothing_we_know_is_asked_without_a_language() -> None:
    found = made(KITCHEN)
    turns = found.frames["instruction_pairs"]["turns"].to_list()
    assert turns
    said = " ".join(turn["content"] for own in turns for turn in own)
    assert "Elixir" not in said and "Erlang" not in said and not re.search(r"\bin [.?,]", said)
    assert found.counts["sections_other_language"] == 0
    assert spoken_of(["Erlang and Erlang", "Elixir"]) == "Erlang"


def test_commands_make_no_pair_of_code() -> None:
    pairs = made(SHELL).frames["instruction_pairs"]
    assert pairs.height
    said = [turn["content"] for turns in pairs["turns"].to_list() for turn in turns]
    assert not any("mix new people" in text for text in said)
    assert set(pairs["lang"]) <= {""}


def test_each_bank_does_without_a_language() -> None:
    blanks = {
        name for bank in BANK.values() for one in bank for name in re.findall(r"{(\w+)}", one)
    }
    words = dict.fromkeys(blanks, "Xyz") | {"language": ""}
    for kind in BANK:
        for key in range(30):
            text = ask(kind, str(key), **words)
            assert "  " not in text and " ?" not in text and " ." not in text, text
            assert not re.search(r"\b(in|about|on|with|for) ?[.?,:;]", text) or kind != "define"

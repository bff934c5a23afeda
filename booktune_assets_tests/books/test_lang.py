"""The light guess at the language of code."""

from __future__ import annotations

import pytest

from booktune_assets.books.blocks import Block
from booktune_assets.books.lang import classify, name_languages
from booktune_assets_tests.books.makers import ERLANG, MODULE, SESSION


@pytest.mark.parametrize(
    ("text", "info", "expected"),
    [
        (MODULE, "", ("code", "elixir")),
        (MODULE, "elixir", ("code", "elixir")),
        (SESSION, "elixir", ("iex", "iex")),
        ("iex(1)> x = 1\n1\niex(2)> x\n1", "", ("iex", "iex")),
        ("1> X = 1.\n1\n2> X.\n1", "erlang", ("erl_shell", "erl_shell")),
        (ERLANG, "", ("code", "erlang")),
        ("$ mix new harbour\n* creating README.md", "", ("code", "shell")),
        ("MIX_ENV=prod mix release", "", ("code", "shell")),
        ("mix test test/area_test.exs:5", "", ("code", "shell")),
        ("# once more\n$ iex -S mix test", "", ("code", "shell")),
        ("echo = fn word -> word end", "", ("code", "elixir")),
        ("# 1 + 1", "", ("code", "elixir")),
        ("..\n\nFinished in 0.03 seconds\n2 tests, 0 failures", "", ("output", "output")),
        ("...\ndef area(r), do: r * r", "", ("code", "elixir")),
        ("* creating mix.exs\n* creating lib", "", ("output", "output")),
        ("SELECT 1", "sql", ("code", "other")),
        ("42", "output", ("output", "output")),
        ("flowchart LR\n  a --> b", "", ("code", "other")),
    ],
)
def test_classes(text: str, info: str, expected: tuple[str, str]) -> None:
    assert classify(text, info) == expected


DBG = "[lib/tide.exs:2: (file)]\ntide #=> %{level: 3}\n|> Map.get(:level) #=> 3"
DOCTEST = (
    "  1) doctest Tide.rise/1 (1) (TideTest)\n     test/tide_test.exs:3\n     Doctest failed\n"
    "     doctest:\n       iex> Tide.rise(1)\n       2\n     left:  3\n     right: 2"
)


@pytest.mark.parametrize(
    "text",
    [
        DBG, DBG.replace("(file)", "Tide.rise/1"), DBG.replace("lib/tide.exs", "iex"), DOCTEST,
        "error: imported Tide.rise/1 conflicts with local function\n  \u2514 lib/tide.ex:4:",
        "== Compilation error in file lib/tide.ex ==\n** (CompileError) lib/tide.ex:1: no module",
        "tide.erl:5:3: syntax error before: ','\n%    5|   rise(,",
        "tide_tests: rise_test...*failed*\nin function tide_tests:rise_test/0",
        "Request to pry #PID<0.107.0> at Tide.rise/1 (tide.exs:5)\n\n    5:     IEx.pry",
    ],
)  # fmt: skip
def test_what_tools_print_is_output(text: str) -> None:
    assert classify(text, "", "elixir") == ("output", "output")


@pytest.mark.parametrize(
    "text",
    [
        "[tide: 1, level: 2]", "[level: 3]\n|> Map.new()", "error: fn reason -> reason end",
        "error: :enoent", f"{SESSION}\n{DOCTEST}", "# 1) test of the tide\nTide.rise(1)",
    ],
)  # fmt: skip
def test_what_only_begins_like_it_is_not(text: str) -> None:
    assert classify(text, "", "elixir")[1] in ("elixir", "iex")


def test_prompts_in_the_docs_of_a_module_make_no_session() -> None:
    module = (
        'defmodule Tide do\n  @doc """\n  Rises.\n\n      iex> Tide.rise(1)\n      2\n  """\n'
        "  def rise(level), do: level + 1\nend"
    )
    assert classify(module) == ("code", "elixir")
    assert classify(f"{module}\n\niex> Tide.rise(1)\n2") == ("iex", "iex")


NEITHER = {
    "json": '{\n  "name": "harbour",\n  "port": 4000,\n  "tls": true\n}',
    "json in a row": '{"berths": [1, 2]}',
    "json with a gap": '{\n  "users": [\n    {"id": 1, "name": "Ada"},\n    ...\n  ]\n}',
    "json list": '[{"a": 1}, {"b": 2}]',
    "files": "lib/app.ex\ntest/app_test.exs",
    "yaml": 'version: "3"\nservices:\n  web:\n    image: elixir:1.15\n    ports:\n      - "4:4"',
    "yaml of a pipeline": "name: CI\non: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest",
    "settings": '[tools]\nerlang = "26.0"\nelixir = "1.15"',
    "boxes": "+-----+     +-----+\n| web | --> | app |\n+-----+     +-----+",
    "tree": "lib\n\u251c\u2500\u2500 app.ex\n\u2514\u2500\u2500 server.ex",
    "verse": "Tides come in\nand tides go out",
    "sentence": "This is plain text.",
    "eex": "<h1>Boats</h1>\n<%= for boat <- @boats do %>\n  <p><%= boat.name %></p>\n<% end %>",
    "eex first": "<%= if @tide.high? do %>\n  <p>High, <%= @user.name %></p>\n<% end %>",
    "heex": '<.form for={@form} phx-submit="save">\n  <.input field={@form[:name]} />\n</.form>',
    "slot": '<:col :let={boat} label="Name">\n  {boat.name |> String.upcase()}\n</:col>',
    "words": "open the door and wait",
}
ELIXIR = [
    "true and false", "x = 1 + 2", ":ok", "[1, 2, 3]", "{:ok, 1}", 'name: "Ada",\nage: 36',
    '%{\n  "a": 1,\n  "b": 2\n}', "config :app, port: 4000\nconfig :app, Repo, pool: 10",
    "{:ok, #PID<0.242.0>}", "[\u201cVienna\u201d, \u201cOsaka\u201d]", "<%= x %> is it",
    '~H"""\n<p>{@name}</p>\n<.button>Go</.button>\n"""', "<<a::8, rest::binary>> = x",
    "def render(assigns) do\n  ~H\"\"\"\n  <p>{@x}</p>\n  \"\"\"\nend",
    "a\n<> b", 'EEx.eval_string("<p><%= a %></p>", a: 1)',
    "person.name\n** (KeyError) key :name not found", "for n <- 1..3, do: n",
]  # fmt: skip
OF_ERLANG = ["{ok, Value}.", "X = 1.", "foo:bar(1).", "<<1, 2, 3>>"]


@pytest.mark.parametrize("book", ["elixir", "erlang"])
@pytest.mark.parametrize("name", NEITHER)
def test_text_of_neither_language_is_other(name: str, book: str) -> None:
    assert named(NEITHER[name], book) == "other"


@pytest.mark.parametrize("text", ELIXIR)
def test_what_shows_little_of_its_language_is_that_of_the_book(text: str) -> None:
    assert named(text, "elixir") == "elixir"


@pytest.mark.parametrize("text", OF_ERLANG)
def test_so_it_is_in_a_book_of_erlang(text: str) -> None:
    assert named(text, "erlang") == "erlang"


def named(text: str, book: str) -> str:
    """The language of a text without a fence, in a book that mostly holds ``book``."""
    blocks = [Block("code", {"elixir": MODULE, "erlang": ERLANG}[book]), Block("code", text)]
    name_languages(blocks)
    return blocks[1].lang


def test_words_after_a_program_that_prints_are_its_output() -> None:
    said = "What is the height of your tide?"
    blocks = [
        Block("code", 'IO.puts("What is the height of your tide?")'), Block("prose", "It asks:"),
        Block("code", said), Block("code", MODULE), Block("code", said),
    ]  # fmt: skip
    name_languages(blocks)
    assert [block.lang for block in blocks if block.kind != "prose"] == [
        "elixir", "output", "elixir", "other",
    ]  # fmt: skip


FOREIGN = {
    "css": ".btn {\n  color: red;\n}",
    "make": "all: build\n\tgcc -o x x.c",
    "tree": "lib/\n  app/\n    router.ex\n  app.ex\nmix.exs",
    "diff": "- foo\n+ bar\n  baz",
    "python": "def f(x):\n    return x + 1",
    "ruby": "class A\n  def f\n    puts 'x'\n  end\nend",
    "ignored": "/_build\n/deps\n*.beam",
    "environment": "DATABASE_URL=postgres://localhost/db\nPORT=4000",
    "markdown": "# Tides\n## Low\n\n**bold**\n\n1. one",
}


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
def test_what_the_grammar_refuses_and_shows_no_sign_is_of_neither_language(text: str) -> None:
    assert classify(text, book="elixir") == ("code", "other")
    assert classify(text) == ("code", "other")


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ('app: :harbour,\nversion: "0.1.0",', "elixir"),
        ('[key: "value", ""]', "elixir"),
        ("def handle_cast({:add, n}, state)\n  {:noreply, state + n}\nend", "elixir"),
        ("  def rise(level) do\n    level +\n", "elixir"),
        ("Berths = [One, Two, ... Last].", "erlang"),
        ("rise(Level) ->\n    Level +", "erlang"),
    ],
)
def test_code_that_is_cut_or_damaged_keeps_its_language(text: str, lang: str) -> None:
    assert classify(text, book=lang) == ("code", lang)


@pytest.mark.parametrize(
    ("text", "lang", "book"),
    [
        ("int(Value) ->\n    try\n        list_to_integer(Value)\n    catch _:_ ->\n        error\n"
         "    end;", "erlang", "elixir"),
        ("case X of\n    ok -> 1;\n    _ -> 2\nend", "erlang", "elixir"),
        ("try\n    f()\ncatch\n    _:R -> R\nend.", "erlang", "elixir"),
        ('%{\n  "high" => 28.5,\n  "low" => 29\n}', "elixir", "erlang"),
        ("class A\n  def f\n    1\n  end\nend", "other", "erlang"),
    ],
)  # fmt: skip
def test_the_other_language_of_a_book_is_asked_too(text: str, lang: str, book: str) -> None:
    assert classify(text, book=book) == ("code", lang)

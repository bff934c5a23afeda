"""Expressions that fail, each in its own way: what is planted in ``verification.py`` are the errors
of their neighbours, and slips in what they print.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator

from booktune_assets.beam.compare import compare
from booktune_assets.beam.session import Answer, Step, run_steps
from booktune_assets.beam.terms import Dialect
from booktune_assets.beam.toolchains import Toolchain

ELIXIR = (
    "1 + :a", "2 + :a", "1 / 0", "{:ok, x} = {:error, :enoent}", "[a] = [1, 2]", "%{a: 1}.b",
    "%{a: 2}.b", "Map.fetch!(%{a: 1}, :c)", "String.to_integer(\"x\")", "foo(1)", "foo(1, 2)",
    "bar", "String.nope(1)", "Nope.run(1)", "String.upcase(1)", "Enum.map(1, & &1)",
    "to_string({1, 2})", "to_string(%{a: 1})", "case 3 do 4 -> 5 end", "cond do false -> 1 end",
    "raise \"oops\"", "raise \"ouch\"", "throw(:ball)", "throw({:ball, 1})", "exit(:gone)",
    "exit(:shutdown)", "raise ArgumentError, \"bad name\"", "raise ArgumentError, \"bad size\"",
    "(fn x -> x end).(1, 2)", "(fn 1 -> 2 end).(3)", "1.(2)", "hd([])", "hd(1)",
    "File.read!(\"/no/file\")", "Enum.max([])", "true and 1 and true", "1 and true",
    "Keyword.fetch!([a: 1], :b)", "with 1 <- 2 do 3 else 4 -> 5 end", "Integer.parse(:a)",
    "GenServer.call(:nobody, :hi)", "struct!(URI, nope: 1)",
)  # fmt: skip
ERLANG = (
    "1 + a.", "2 + a.", "1 - a.", "1 / 0.", "{ok, X} = {error, enoent}.", "[A] = [1, 2].",
    "atom_to_list(1).", "atom_to_list(2).", "list_to_atom(1).", "foo(1).", "foo(1, 2).",
    "lists:foo(1).", "lists:foo(1, 2).", "nope:run(1).", "lists:map(1, 2).", "lists:nth(3, [a]).",
    "case 3 of 4 -> 5 end.", "if 1 > 2 -> 1 end.", "throw(ball).", "throw({ball, 1}).",
    "exit(gone).", "exit({gone, 1}).", "error(oops).", "error({oops, 1}).",
    "(fun(B) -> B end)(1, 2).", "(fun(1) -> 2 end)(3).", "maps:get(a, #{}).", "maps:get(b, #{}).",
    "maps:get(a, b).", "hd([]).", "gen_server:call(nobody, hi).", "Unbound.", "Other.", "1 + .",
    "foo bar.", "foo baz.", "try 1 of 2 -> 3 catch _ -> 4 end.", "[C || C <- d].",
)  # fmt: skip
_HEAD = re.compile(r"^\s*\*+ *(?:\([^)]*\)|exception \w+:|\d+(?::\d+)?:) *")
_FREE = re.compile(r"#\w*<[^<>]*>|<[\d.]+>|\biex:\d+(?::\d+)?|\d+:\d+: |[\w/.]+\.erl, line \d+")


def missed(chain: Toolchain) -> tuple[Counter[str], Counter[str], list[tuple[str, str, str]]]:
    """Planted and found by kind and language, and what was taken for right."""
    planted, found = Counter[str](), Counter[str]()
    taken: list[tuple[str, str, str]] = []
    for dialect, kind, real, wrong in _all(chain):
        name = f"{dialect} {kind}"
        planted[name] += 1
        if compare(wrong, answer(real, dialect), dialect).outcome == "mismatch":
            found[name] += 1
        else:
            taken.append((name, wrong, real))
    return planted, found, taken


def slips(real: str, chance: random.Random) -> Iterator[str]:
    """The text with one sign of what the error says changed, of each kind of place that it has:
    a digit, an atom, a name with capitals, a string."""
    line = real.split("\n", 1)[0]
    start = _HEAD.match(line)
    free = _FREE.sub(lambda hit: "\0" * len(hit[0]), line)
    for places in (r"\d", r"(?<=:)[a-z]\w*", r"\b[A-Z]\w+\.?\w*", r"(?<=[\"'])[^\"']+(?=[\"'])"):
        hits = [hit for hit in re.finditer(places, free) if start and hit.start() >= start.end()]
        signs = [at for hit in hits for at in range(*hit.span()) if free[at].isalnum()]
        if signs:
            at = chance.choice(signs)
            char = real[at]
            new = str((int(char) + 1) % 10) if char.isdecimal() else "q" if char != "q" else "x"
            yield real[:at] + new + real[at + 1 :]


def answer(real: str, dialect: Dialect) -> Answer:
    """A run that printed this error."""
    return Answer("error", message=real) if dialect == "elixir" else Answer("ok", output=real)


def _all(chain: Toolchain) -> Iterator[tuple[Dialect, str, str, str]]:
    """(language, kind, real error, planted error)."""
    chance = random.Random(0)
    both: list[tuple[Dialect, list[str]]] = [
        ("elixir", _printed(ELIXIR, "iex", chain)),
        ("erlang", _printed(ERLANG, "erl", chain)),
    ]
    for dialect, texts in both:
        for number, real in enumerate(texts):
            for slip in slips(real, chance):
                yield dialect, "slip", real, slip
            for other in texts[:number] + texts[number + 1 :]:
                if other != real:
                    same = _HEAD.match(real), _HEAD.match(other)
                    alike = same[0] and same[1] and same[0][0] == same[1][0]
                    yield dialect, "message" if alike else "class", real, other


def _printed(texts: tuple[str, ...], kind: str, chain: Toolchain) -> list[str]:
    steps = [Step(kind, text, number, fails=True) for number, text in enumerate(texts)]  # pyright: ignore[reportArgumentType]
    marks = [Step("chapter"), Step("section")]
    answers = run_steps([*marks, *steps], chain)
    shown = [answers[number].message or answers[number].output for number in range(len(texts))]
    return [text.split("\n\n[exports]")[0].strip() for text in shown if text.strip()]

"""The installed parser and compiler as judges of texts."""

from __future__ import annotations

import shutil

import pytest

from booktune_assets.beam import toolchain, validity
from booktune_assets.beam.sandbox import probe
from booktune_assets.beam.validity import valid

needs_elixir = pytest.mark.skipif(
    shutil.which("elixir") is None or probe().path is None, reason="no Elixir or no sandbox here"
)

CASES = [
    ("def f(x) do 1 end", "elixir", True),
    ("def f(x)\n 1 end", "elixir", False),  # tree-sitter takes the end for a variable
    ("x(", "elixir", False),
    ("defmodule X do def a(, do: 1 end", "elixir", False),
    ("@(", "elixir", False),
    ("", "elixir", False),
    ("-module(a).\n-export([f/0]).\nf() -> 1.", "erlang", True),
    ("f(0) -> 1;", "erlang", True),
    ("X = 1,\nY = 2", "erlang", True),
    ("X = 1.\nY = ?HERE.", "erlang", True),
    ("f() -> ?A(1), ?B.", "erlang", True),
    ('-module(a).\n-include("gone.hrl").\nf() -> ?X(1).', "erlang", True),
    ("f( -> x.", "erlang", False),
    ("plain words in a row.", "erlang", False),
    ("iex> x = 1\n1\niex> f(x, fn y ->\n...>   y\n...> end)\n[1", "iex", True),
    ("iex> f([1", "iex", False),
    ("1> lists:map(fun(Y) ->\n  Y end, [1]).\n[1\n2> f().", "erl_shell", True),
    ("1> lists:map(.", "erl_shell", False),
]


@needs_elixir
@pytest.mark.parametrize("lang", ["elixir", "erlang", "iex", "erl_shell"])
def test_what_parses(lang: str) -> None:
    texts = [text for text, of, _ in CASES if of == lang]
    answers = valid(texts, lang)
    assert answers is not None
    assert [one.ok for one in answers] == [good for _, of, good in CASES if of == lang]
    assert all(one.message for one in answers if not one.ok)


@needs_elixir
def test_faults_name_their_line() -> None:
    elixir, erlang = valid(["a = 1\nb = 2)"], "elixir"), valid(["f() ->\n  1 +.\n"], "erlang")
    assert elixir and erlang
    assert (elixir[0].line, erlang[0].line) == (2, 2)


@needs_elixir
def test_erlang_modules_are_compiled() -> None:
    head = "-module(a).\n-export([f/0]).\n"
    answers = valid([f"{head}f() -> 1.", f"{head}f() -> g().", f"{head}f() -> ?G."], "erlang")
    assert answers is not None
    assert [one.compiles for one in answers] == [True, False, None]
    assert [one.ok for one in answers] == [True, True, True]
    assert "g/0" in answers[1].message
    assert "G" in answers[2].message


@needs_elixir
def test_hostile_texts_run_nothing_and_leave_the_others_their_answers() -> None:
    atoms = "[" + ",".join(f":a{n}" for n in range(40_000)) + "]"
    answers = valid(["System.halt(0)", atoms, "x = 1", "(" * 50_000, "y = 2"], "elixir")
    assert answers is not None
    assert [one.ok for one in answers] == [True, True, True, False, True]
    erlang = valid(
        ['-module(a).\n-include("/etc/passwd").\nf() -> 1.', "-module(b).\n-on_load(f/0).\n"
         "f() -> halt().", "-module(c).\n-compile({parse_transform, nowhere}).\nf() -> 1."],
        "erlang",
    )  # fmt: skip
    assert erlang is not None
    assert [one.ok for one in erlang] == [True, True, True]
    assert not any("root" in one.message for one in erlang)


@needs_elixir
def test_a_text_that_ends_the_parser_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    real = validity.ask

    def short(script: str, files: dict[str, str], limits: object) -> object:
        asked.append(files["texts"].count("\n"))
        ran = real(script, files, limits)  # type: ignore[arg-type]
        if asked[-1] == 3:  # as if the BEAM had ended at the second of three texts
            lines = ran.reply.splitlines(keepends=True) if ran else []
            return type("Ran", (), {"reply": lines[0] + lines[1][:5]})()
        return ran

    monkeypatch.setattr(validity, "ask", short)
    monkeypatch.setattr(validity, "_kept", {})
    answers = valid(["u = 1", "u = 2)", "u = 3"], "elixir")
    assert answers is not None
    assert [one.ok for one in answers] == [True, False, True]
    assert asked == [3, 1, 1]


@needs_elixir
def test_the_same_text_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = valid(["kept = 1"], "elixir")
    monkeypatch.setattr(validity, "ask", lambda *_: pytest.fail("asked again"))
    assert valid(["kept = 1"], "elixir") == first


def test_nothing_is_said_without_elixir(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    assert not toolchain.elixir_found()
    assert valid(["never asked before"], "elixir") is None


def test_other_languages_are_refused() -> None:
    with pytest.raises(ValueError, match="python"):
        valid(["x"], "python")

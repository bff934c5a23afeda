"""Programs that share a BEAM: none finds what another has left."""

import shutil

import pytest

from booktune_assets.beam import alone
from booktune_assets.beam.alone import Found, Piece, Program, run_programs
from booktune_assets.beam.sandbox import probe
from booktune_assets.beam.toolchains import Toolchain, toolchains

pytestmark = pytest.mark.skipif(
    shutil.which("elixir") is None or probe().rung is None, reason="needs Elixir and a sandbox"
)


@pytest.fixture(scope="module")
def chain() -> Toolchain:
    return toolchains()[0]


def listing(text: str, lang: str = "elixir") -> Piece:
    return Piece("listing", "erlang" if lang == "erlang" else "elixir", text)


def typed(text: str, expected: str = "", lang: str = "elixir") -> Piece:
    return Piece("typed", "erlang" if lang == "erlang" else "elixir", text, expected)


TALLY = listing("defmodule Tally do\n  def next(n), do: n + 1\nend")
NEXT = listing("-module(tally).\n-export([next/1]).\nnext(N) -> N + 1.\n", "erlang")
PROGRAMS = {
    "right": Program((TALLY, typed("Tally.next(1)", "2"))),
    "wrong": Program((TALLY, typed("Tally.next(1)", "3"))),
    "no module": Program((typed("Tally.next(1)", "2"),)),
    "binds": Program((typed("seven = 7"), typed("seven", "7"))),
    "no name": Program((typed("seven", "7"),)),
    "fails": Program((typed("raise \"no\"", "** (RuntimeError) no"),)),
    "ends": Program((typed("System.halt(3)", "1"),)),
    "loops": Program((typed("f = fn f -> f.(f) end; f.(f)", "1"),), hasty=True),
    "erlang": Program((NEXT, typed("tally:next(1).", "2", "erlang"))),
    "no erlang": Program((typed("tally:next(1).", "2", "erlang"),)),
    "takes over": Program((listing("defmodule String do\n  def upcase(_), do: 1\nend"),)),
    "library": Program((typed('String.upcase("a")', '"A"'),)),
    "registers": Program((typed("Process.register(self(), :me)", "true"),)),
    "registers too": Program((typed("Process.register(self(), :me)", "true"),)),
}  # fmt: skip
VERDICTS = {
    "right": "match", "wrong": "mismatch", "no module": "unverifiable", "binds": "match",
    "no name": "unverifiable", "fails": "error_as_said", "ends": "unverifiable",
    "loops": "unverifiable", "erlang": "match", "no erlang": "unverifiable", "library": "match",
    "registers": "match", "registers too": "match",
}  # fmt: skip


@pytest.mark.parametrize("backwards", [False, True])
def test_a_verdict_is_the_programs_own(chain: Toolchain, backwards: bool) -> None:
    names = sorted(PROGRAMS, reverse=backwards)
    found = dict(zip(names, run_programs([PROGRAMS[name] for name in names], chain), strict=True))
    last = {name: one[-1].verdict for name, one in found.items() if one}
    assert {name: last[name] for name in VERDICTS} == VERDICTS
    assert (found["wrong"] or ())[-1].actual == "2"
    assert [len(one or ()) for one in found.values()] == [
        len(PROGRAMS[name].pieces) for name in names
    ]


def test_no_answer_is_nobodys_verdict(chain: Toolchain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alone, "run_steps", lambda steps, chain: {})  # type: ignore[misc]
    assert run_programs([PROGRAMS["right"]], chain) == [None]


def test_a_lost_program_is_tried_once_more(
    chain: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = alone.run_steps, list[int]()

    def falters(steps: object, chain: Toolchain) -> object:
        calls.append(1)
        return real(steps, chain) if len(calls) > 1 else {}  # type: ignore[arg-type]

    monkeypatch.setattr(alone, "run_steps", falters)
    found = run_programs([PROGRAMS["right"]], chain)
    assert found == [(Found("ran", "", "", ""), Found("match", "", "", "2"))]


def test_nothing_to_run_starts_nothing(chain: Toolchain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alone, "run_steps", None)
    assert run_programs([], chain) == []

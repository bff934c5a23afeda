"""What a step gave is compared with the text of a result, as a reader would."""

from __future__ import annotations

import pytest

from booktune_assets.beam.compare import compare
from booktune_assets.beam.session import Answer


def ok(value: str, output: str = "", aside: str = "") -> Answer:
    return Answer("ok", value, output, aside)


def error(message: str) -> Answer:
    return Answer("error", message=message)


ARITHMETIC = "** (ArithmeticError) bad argument in arithmetic expression: 1 / 0"
WARNING = 'warning: variable "x" is unused\n  iex:1\n\n'
CASES = [
    ("3", ok("3"), "match", ""),
    ("3", ok("4"), "mismatch", "value"),
    ("", ok("3"), "ran", ""),
    ("hi\n:ok", ok(":ok", "hi\n"), "match", ""),
    ("hi", ok(":ok", "hi\n"), "match", "value_left_out"),
    (":ok", ok(":ok", "hi\n"), "match", "output_left_out"),
    ("ho\n:ok", ok(":ok", "hi\n"), "mismatch", "output"),
    ("b\na\n:ok", ok(":ok", "a\nb\n"), "match", ""),
    ("a\n...\n:ok", ok(":ok", "a\nb\nc\n"), "match", ""),
    ("#PID<0.1.0>\nhi", ok("#PID<0.2.0>", "hi\n"), "match", ""),
    (f"{WARNING}3", ok("3", "", WARNING), "match", ""),
    ("hello\n:ok", ok(":ok", "", "hello\n"), "match", ""),
    ("10:00:00.123 [error] bad\n\n:ok", ok(":ok"), "match", ""),
    ("3 # three", ok("3"), "match", ""),
    ("...", ok("3"), "ran", "placeholder"),
    ("%{a: 1},", ok("%{a: 1}"), "mismatch", "value"),
    ("3", error(ARITHMETIC), "mismatch", "raises"),
    ("** (ArithmeticError) bad argument", ok("3"), "mismatch", "no_error"),
    (ARITHMETIC, error(ARITHMETIC), "error_as_said", ""),
    ("** (ArithmeticError) bad argument in arithmetic expression\n    :erlang./(1, 0)",
     error(ARITHMETIC), "error_as_said", ""),
    ("** (RuntimeError) oops", error(ARITHMETIC), "mismatch", "error_class"),
    ("error: undefined variable x\n  \u2514 a.ex:4:", error("** (CompileError) iex:4: undefined "
     "variable x"), "error_as_said", ""),
    ("error: all is lost", ok('"error: all is found"'), "mismatch", "value"),
    ("** (RuntimeError) oops", error("** (RuntimeError) ouch"), "mismatch", "error_message"),
    ("** (MatchError) no match of right hand side value: {:ok, 13}",
     error("** (MatchError) no match of right hand side value: {:ok, 14}"),
     "mismatch", "error_message"),
    ("** (MatchError) no match of right hand side value: %{a: 1, b: 2}",
     error("** (MatchError) no match of right hand side value: %{b: 2, a: 1}"),
     "error_as_said", "wording"),
    ('** (CompileError) iex:1: undefined variable "unknown"',
     error("** (CompileError) iex:1: undefined function unknown/0 (there is no such import)"),
     "error_as_said", "wording"),
    ("** (ArgumentError) argument error",
     error("** (ArgumentError) errors were found at the given arguments:\n\n  * 1st argument: x"),
     "error_as_said", "wording"),
    ("** (SyntaxError) iex:1: unexpected token: end",
     error("** (TokenMissingError) iex:1:3: missing terminator: )"),
     "error_as_said", "wording"),
    ("** (EXIT from #PID<0.1.0>) shell process exited with reason: 1",
     Answer("exit", message="** (EXIT from #PID<0.9.0>) shell process exited with reason: 1"),
     "error_as_said", ""),
]  # fmt: skip
ERLANG = [
    ("7", "7\n", "match", ""),
    ("7", "8\n", "mismatch", "value"),
    ("hi\nok", "hi\nok\n", "match", ""),
    ("{ok,<0.1.0>}", "{ok,<0.80.0>}\n", "match", ""),
    ("** exception error: no match of right hand side value 5",
     "** exception error: no match of right hand side value 5\n", "error_as_said", ""),
    ("** exception error: no match of right hand side value 5",
     "** exception error: no match of right hand side value 6\n", "mismatch", "error_message"),
    ("5", "** exception error: bad argument\n", "mismatch", "raises"),
    ("** exception throw: a", "a\n", "mismatch", "no_error"),
    ("", "5\n", "ran", ""),
]  # fmt: skip


@pytest.mark.parametrize(("result", "answer", "outcome", "reason"), CASES)
def test_elixir(result: str, answer: Answer, outcome: str, reason: str) -> None:
    found = compare(result, answer, "elixir")
    assert (found.outcome, found.reason) == (outcome, reason)


@pytest.mark.parametrize(("result", "output", "outcome", "reason"), ERLANG)
def test_erlang(result: str, output: str, outcome: str, reason: str) -> None:
    found = compare(result, Answer("ok", output=output), "erlang")
    assert (found.outcome, found.reason) == (outcome, reason)

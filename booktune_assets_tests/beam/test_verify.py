"""The code of small books, run: what is right, what is not, and what nobody can tell here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from booktune_assets.beam import verify as verifying
from booktune_assets.beam.code_hints import hint
from booktune_assets.beam.sandbox import probe
from booktune_assets.beam.toolchains import toolchains
from booktune_assets.beam.verify import counted, verify
from booktune_assets.books.reader import read_book
from booktune_assets.books.sections import into_sections
from booktune_assets.errors import Code, MissingPrerequisite
from booktune_assets.settings import Reading

needs_beam = pytest.mark.skipif(
    probe().kind == "none" or not toolchains(), reason="no sandbox or no Elixir here"
)
SAMPLE = Path(__file__).resolve().parents[2] / "data/books/sample/first-steps-on-the-beam.epub"


def fence(lang: str, text: str) -> str:
    return f"```{lang}\n{text.strip()}\n```\n"


def frames_of(path: Path) -> dict[str, pl.DataFrame]:
    raw = read_book(path, "book", Reading()).frames
    parts = (raw[f"raw_books__{name}"] for name in ("blocks", "spans", "pages", "links"))
    return into_sections("book", str(raw["raw_books"]["file_sha256"][0]), *parts)


def run(folder: Path, *parts: str) -> list[dict[str, Any]]:
    """Rows for a book of one chapter made of these parts."""
    path = folder / "book.md"
    path.write_text("# A Book\n\n" + "\n\n".join(parts), encoding="utf-8")
    return verify("book", frames_of(path)).to_dicts()


def verdicts(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(row["verdict"], row["reason"]) for row in rows]


@needs_beam
def test_a_slip_of_the_author_is_found_and_nothing_else(tmp_path: Path) -> None:
    typed = 'iex> 1 + 1\n2\niex> "Hello World!"\n"Hello World"\niex> 1 / 0\n'
    error = "** (ArithmeticError) bad argument in arithmetic expression: 1 / 0"
    session = fence("iex", typed + error)
    rows = run(tmp_path, session)
    assert verdicts(rows) == [("match", ""), ("mismatch", "value"), ("error_as_said", "")]
    assert [row["expression"] for row in rows] == [0, 1, 2]
    assert rows[1]["expected"] == '"Hello World"'
    assert rows[1]["actual"] == '"Hello World!"'
    assert rows[0]["toolchain"].startswith("elixir ")


@needs_beam
def test_a_section_has_its_own_bindings_and_falls_back_on_its_chapter(tmp_path: Path) -> None:
    rows = run(
        tmp_path,
        fence("elixir", "defmodule Twice do\n  def of(x), do: 2 * x\nend"),
        "## One\n",
        fence("iex", "iex> x = 2\n2\niex> y = Twice.of(x)\n4"),
        "## Two\n",
        fence("iex", "iex> x = 5\n5\niex> x + y\n9"),
        "# Another Chapter\n",
        fence("iex", "iex> Twice.of(4)\n8\niex> x\n5"),
    )
    assert verdicts(rows[:6]) == [("ran", ""), *[("match", "")] * 5]
    assert verdicts(rows[6:]) == [("unverifiable", "fragment")]


@needs_beam
def test_what_hangs_or_ends_the_machine_stops_nothing(tmp_path: Path) -> None:
    loop = "iex> spin = fn spin -> spin.(spin) end; spin.(spin)\n1"
    rows = run(
        tmp_path,
        fence("iex", f"iex> a = 1\n1\n{loop}\niex> a\n1"),
        fence("iex", "iex> receive do :never -> 1 end\n1\niex> System.halt(0)\niex> 2\n2"),
    )
    assert verdicts(rows) == [
        ("match", ""), ("unverifiable", "hangs"), ("match", ""), ("unverifiable", "waits"),
        ("unverifiable", "ends_vm"), ("match", ""),
    ]  # fmt: skip


@needs_beam
def test_reasons_are_told_apart(tmp_path: Path) -> None:
    typed = [
        ("Ecto.Query.from(1)\n2", "dependency"),
        ("h Enum.map\nsome help", "helper"),
        ("Enum.nothing_like_it([1])\n2", "newer_version"),
        ("Enum.random(1..1_000_000)\n7", "volatile"),
        ('File.read!("poem.txt")\n"a poem"', "file"),
        ('IO.gets("name? ")\n"Ada\\n"', "input"),
        (':gen_tcp.connect(~c"localhost", 80, [])\n{:ok, #Port<0.6>}', "network"),
        ("unknown_function(1)\n2", "fragment"),
        ("config = load(...)\n:ok", "placeholder"),
    ]
    session = fence("iex", "\n".join(f"iex> {one}" for one, _ in typed))
    rows = run(tmp_path, session)
    assert verdicts(rows) == [("unverifiable", reason) for _, reason in typed]
    assert rows[0]["detail"] == "Ecto.Query"


@needs_beam
def test_an_error_that_the_code_writes_is_of_no_file(tmp_path: Path) -> None:
    typed = (
        "iex> {:ok, v} = {:error, :enoent}\n"
        "** (MatchError) no match of right hand side value: {:error, :eacces}\n"
        'iex> :file.consult("nope")\n{:ok, []}\niex> System.halt(0)\n:ok\n'
    )
    rows = run(tmp_path, fence("iex", typed))
    assert [row["reason"] for row in rows] == ["error_message", "file", "ends_vm"]
    assert not [row for row in rows if "session.exs" in row["actual"]]


@needs_beam
def test_a_handle_hides_no_other_difference(tmp_path: Path) -> None:
    typed = [
        "{:ok, make_ref()}\n{:ok, #Reference<0.1.2.3>}",
        "{:ok, make_ref()}\n{:error, #Reference<0.1.2.3>}",
        "r = make_ref()\n#Reference<0.1.2.3>",
        "{:ok, r}\n{:error, #Reference<0.1.2.3>}",
        'inspect(r)\n"#Reference<0.1.2.3>"',
        '"a #{inspect(r)}, b"\n"a #Reference<0.1.2.3>, b"',
        'self() |> inspect()\n"#PID<0.1.2>"',
        '{:ok, self() |> inspect()}\n{:error, "#PID<0.1.2>"}',
        ':erlang.ref_to_list(r)\n~c"#Ref<0.1.2.3>"',
    ]
    erlang = "1> {ok, make_ref()}.\n{error,#Ref<0.1.2.3>}\n2> {ok, make_ref()}.\n{ok,#Ref<0.1.2.3>}"
    session = fence("iex", "\n".join(f"iex> {one}" for one in typed))
    rows = run(tmp_path, session, fence("erlang", erlang))
    assert verdicts(rows) == [
        ("match", ""), ("mismatch", "value"), ("match", ""), ("mismatch", "value"),
        ("match", ""), ("match", ""), ("match", ""), ("mismatch", "value"),
        ("unverifiable", "volatile"), ("mismatch", "value"), ("match", ""),
    ]  # fmt: skip


@needs_beam
def test_a_misspelt_function_is_no_newer_version(tmp_path: Path) -> None:
    rows = run(tmp_path, fence("iex", "iex> Enum.mpa([1], fn x -> x end)\n[1]"))
    assert verdicts(rows) == [("mismatch", "raises")]


@needs_beam
def test_a_misspelt_module_is_no_dependency(tmp_path: Path) -> None:
    typed = [
        ("Enun.map([1], & &1)\n[1]", "Enum"),
        ('Strng.length("a")\n1', "String"),
        ("Genserver.call(self(), 1)\n1", "GenServer"),
        (":lits.reverse([1])\n[1]", ":lists"),
        ("Twcie.half(4)\n2", "Twice"),
        ("import Strng\nString", "String"),
    ]
    real = ["Jason.encode!(1)", "Ecto.Repo.all(1)", "Mox.verify!()", "Enumx.map([1], 1)",
            "Enun.nothing_like_it(1)", "Twices.half(4)"]  # fmt: skip
    server = "defmodule Counter do\n  use GenServr\n  def init(n), do: {:ok, n}\nend"
    rows = run(
        tmp_path,
        fence("elixir", "defmodule Twice do\n  def half(x), do: div(x, 2)\nend"),
        fence("iex", "\n".join(f"iex> {one}" for one, _ in typed)),
        fence("iex", "\n".join(f"iex> {one}\n1" for one in real)),
        fence("erlang", "1> lits:reverse([1,2]).\n[2,1]\n2> cowboy:start(1).\nok"),
        fence("elixir", server),
    )
    assert [row["detail"] for row in rows[1:7]] == [right for _, right in typed]
    assert verdicts(rows[1:7]) == [("mismatch", "raises")] * 6
    assert verdicts(rows[7:13]) == [("unverifiable", "dependency")] * 6
    assert verdicts(rows[13:]) == [
        ("mismatch", "raises"), ("unverifiable", "dependency"), ("mismatch", "does_not_compile"),
    ]  # fmt: skip
    assert (rows[13]["detail"], rows[15]["detail"]) == ("lists", "GenServer")
    calls = "def a(l), do: Ecto.map(l, 1)\n  def b(l), do: Enun.map(l, & &1)\n  def c, do: 1"
    late = run(
        tmp_path,
        fence("elixir", f"defmodule Late do\n  {calls}\nend"),
        fence("iex", "iex> Late.c()\n1\niex> Late.c()\n2"),
        fence("elixir", "defmodule Soon do\n  def a(l), do: Latr.c(l) && Ecto.all(l)\nend"),
    )
    assert verdicts(late) == [
        ("mismatch", "undefined_module"), ("match", ""), ("mismatch", "value"), ("ran", ""),
    ]  # fmt: skip
    assert late[0]["detail"] == "Enum" and "Enun.map/2 is undefined" in late[0]["actual"]
    assert "“GenServer” meant" in hint(rows[15])


@needs_beam
def test_slips_in_own_modules_libraries_and_whole_listings(tmp_path: Path) -> None:
    rows = run(
        tmp_path,
        fence("elixir", "defmodule Twice do\n  def half(x), do: div(x, 2)\nend"),
        fence("iex", "iex> Twice.haf(4)\n2\niex> Twice.other(4)\n2"),
        fence("erlang", "1> lists:revers([1,2]).\n[2,1]\n2> lists:future([1,2]).\n[2,1]"),
        fence("elixir", "defmodule Nod\n  def a(x) do\n    x + 1\n  end\nend"),
        fence("erlang", "-module(sq).\n-export([f/1]).\nf(X) -> X * X"),
    )
    assert verdicts(rows)[1:] == [
        ("mismatch", "raises"), ("unverifiable", "context"),
        ("mismatch", "raises"), ("unverifiable", "newer_version"),
        ("mismatch", "does_not_parse"), ("mismatch", "does_not_compile"),
    ]  # fmt: skip


@needs_beam
def test_what_builds_on_a_failure_is_not_counted_again(tmp_path: Path) -> None:
    session = "iex> x = 2 + 2\n5\niex> x + 1\n6\niex> 1 + 1\n2"
    assert verdicts(run(tmp_path, fence("iex", session))) == [
        ("mismatch", "value"), ("unverifiable", "context"), ("match", ""),
    ]  # fmt: skip


@needs_beam
def test_listings_modules_and_tests(tmp_path: Path) -> None:
    good = 'defmodule Sum do\n  @doc """\n      iex> Sum.of([1, 2])\n      3\n  """\n  def of(list), do: Enum.sum(list)\nend'  # noqa: E501
    test = 'defmodule SumTest do\n  use ExUnit.Case\n  doctest Sum\n  test "sum" do\n    assert Sum.of([1]) == {n}\n  end\nend'  # noqa: E501
    rows = run(
        tmp_path,
        fence("elixir", good),
        fence("elixir", test.replace("{n}", "1")),
        fence("elixir", test.replace("{n}", "2").replace("SumTest", "OtherTest")),
        fence("elixir", "x = Sum.of([1, 2])\nx * 2 #=> 6\nx * 3 #=> 10"),
        fence("elixir", "def of(list) do\n  list\nend"),
        fence("elixir", "defmodule Broken do\n  def a, do: [1, 2\nend"),
        "The next one does not compile:",
        fence("elixir", "defmodule Worse do\n  def a, do: b()\nend"),
    )
    assert [(row["kind"], row["verdict"], row["reason"]) for row in rows] == [
        ("module", "ran", ""),
        ("test", "match", ""),
        ("test", "mismatch", "tests_fail"),
        ("annotated", "ran", ""),
        ("annotated", "match", ""),
        ("annotated", "mismatch", "value"),
        ("listing", "unverifiable", "fragment"),
        ("module", "mismatch", "does_not_parse"),
        ("module", "error_as_said", ""),
    ]


@needs_beam
def test_erlang_modules_shell_and_records(tmp_path: Path) -> None:
    module = "-module(knots).\n-export([kmh/1]).\nkmh(K) -> K * 2."
    rows = run(
        tmp_path,
        fence("erlang", module),
        fence("erlang", "1> c(knots).\n{ok,knots}\n2> K = knots:kmh(4).\n8\n3> K = 9.\n"
              "** exception error: no match of right hand side value 9\n"
              "4> rd(pt, {x, y}).\npt\n5> #pt{x = 1}.\n#pt{x = 1,y = undefined}\n6> K + 1.\n10"),
        fence("erlang", "1> K = 1.\n1"),
        fence("erlang", "half(X) -> X div 2."),
        fence("erlang", "-module(wrong).\n-export([a/1]).\na(X) -> Y."),
    )  # fmt: skip
    assert [(row["kind"], row["verdict"]) for row in rows] == [
        ("module", "ran"), ("expression", "match"), ("expression", "match"),
        ("expression", "error_as_said"), ("expression", "match"), ("expression", "match"),
        ("expression", "mismatch"), ("expression", "match"), ("listing", "ran"),
        ("module", "mismatch"),
    ]  # fmt: skip
    assert rows[6]["actual"] == "9"


@needs_beam
def test_a_crash_takes_the_shell_down_and_tables_outlive_a_section(tmp_path: Path) -> None:
    crash = "** (EXIT from #PID<0.1.0>) shell process exited with reason: :bad"
    start = "iex> {:ok, a} = Agent.start_link(fn -> 1 end, name: Pet)\n{:ok, #PID<0.9.0>}\n"
    rows = run(
        tmp_path,
        fence("iex", "iex> :ets.new(:pets, [:named_table])\n:pets"),
        "## Next\n",
        fence("iex", 'iex> :ets.insert(:pets, {"cat"})\ntrue\n' + start),
        "## Last\n",
        fence("iex", start.replace("1 end", "2 end") + "iex> Agent.get(a, & &1)\n2"),
        fence("iex", f"iex> spawn_link(fn -> exit(:bad) end)\n{crash}\niex> 1\n1"),
    )
    assert verdicts(rows) == [*[("match", "")] * 5, ("error_as_said", ""), ("match", "")]


def test_a_book_without_code_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("nothing is to be started")

    monkeypatch.setattr(verifying, "toolchains", never)
    monkeypatch.setattr(verifying, "run_steps", never)
    assert run(tmp_path, "Words only.") == []


def test_without_elixir_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "toolchains", lambda _: [])
    with pytest.raises(MissingPrerequisite) as caught:
        run(tmp_path, fence("iex", "iex> 1\n1"))
    assert caught.value.code is Code.MISSING_PROGRAM


@needs_beam
@pytest.mark.slow
def test_the_sample_book_verifies_wholly() -> None:
    rows = verify("book", frames_of(SAMPLE))
    counts = counted(rows)
    assert counts["harness_error"] == counts["mismatch"] == 0
    typed = rows.filter(pl.col("kind") == "expression")
    assert typed.height > 200
    assert set(typed["verdict"]) <= {"match", "error_as_said", "ran"}


@needs_beam
def test_the_verb_writes_rows_and_a_report_for_a_file(tmp_path: Path) -> None:
    from booktune_assets.cli.app import cli

    book = tmp_path / "book.md"
    book.write_text("# This & That\n\n" + fence("iex", "iex> 1 + 1\n3 < 4"), encoding="utf-8")
    out, report = tmp_path / "v.jsonl", tmp_path / "r.html"
    done = CliRunner().invoke(
        cli, ["--home", str(tmp_path / "home"), "beam", "verify", str(book),
              "--out", str(out), "--report", str(report)],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    (row,) = (json.loads(line) for line in out.read_text().splitlines())
    assert (row["verdict"], row["kind"], row["code"]) == ("mismatch", "expression", "1 + 1")
    page = report.read_text()
    assert "<pre>3 &lt; 4</pre>" in page
    assert "This &amp; That" in page
    assert "<script" not in page
    assert not (tmp_path / "home").exists()


@needs_beam
def test_a_book_without_pages_says_lines(tmp_path: Path) -> None:
    """Of the section, and of a file of plain text; the anchor is that of the heading."""
    from booktune_assets.cli.app import cli

    book = tmp_path / "book.md"
    first = fence("iex", "iex> 1 + 1\n2\niex> 1 + 1\n3")
    second = fence("elixir", "defmodule A do\n  def a, do: 1\nend")
    text = f"# One\n\nWords, 1 + 1\nand more.\n\n{first}\n## Two\n\n{second}"
    book.write_text(text, encoding="utf-8")
    out, report = tmp_path / "v.jsonl", tmp_path / "r.html"
    words = ["beam", "verify", str(book), "--out", str(out), "--report", str(report)]
    done = CliRunner().invoke(cli, ["--home", str(tmp_path / "home"), *words])
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    lines = text.split("\n")
    assert [lines[row["file_line"] - 1] for row in rows] == [
        "iex> 1 + 1", "iex> 1 + 1", "defmodule A do"
    ]  # fmt: skip
    assert [row["section_line"] for row in rows] == [5, 7, 3]  # its title is the first
    assert [row["href"] for row in rows] == ["#one", "#one", "#two"]
    assert "#one · line 9 · One" in report.read_text()


def test_a_file_without_code_says_so(tmp_path: Path) -> None:
    from booktune_assets.cli.app import cli

    book, out = tmp_path / "odd.md", tmp_path / "v.jsonl"
    book.write_bytes(b"\xff\xfe garbage\n")
    done = CliRunner().invoke(cli, ["beam", "verify", str(book), "--out", str(out)])
    assert done.exit_code == 0, done.output
    (row,) = (json.loads(line) for line in out.read_text().splitlines())
    assert (row["verdict"], row["reason"]) == ("unverifiable", "NO_CODE")
    assert "the blocks are: 1 prose" in row["detail"] and "NO_CODE" in done.stderr


@needs_beam
def test_a_misspelt_variable_is_a_slip_too(tmp_path: Path) -> None:
    session = "iex> greeting = 1\n1\niex> greetign + 1\n2\niex> other + 1\n2"
    assert verdicts(run(tmp_path, fence("iex", session))) == [
        ("match", ""), ("mismatch", "raises"), ("unverifiable", "fragment"),
    ]  # fmt: skip


@needs_beam
def test_eunit_tests_run_with_the_modules_of_their_section(tmp_path: Path) -> None:
    test = (
        "-module(half_tests).\n-include_lib(\"eunit/include/eunit.hrl\").\n"
        "half_test() -> ?assertEqual({n}, half:make(4)).\n"
    )  # fmt: skip
    if not list(Path("/usr/lib/erlang/lib").glob("eunit-*/include/eunit.hrl")):
        pytest.skip("eunit.hrl is not installed here")
    rows = run(
        tmp_path,
        fence("erlang", "-module(half).\n-export([make/1]).\nmake(X) -> X div 2."),
        fence("erlang", test.replace("{n}", "2")),
        fence("erlang", test.replace("{n}", "3")),
    )
    assert [(row["kind"], row["verdict"], row["reason"]) for row in rows] == [
        ("module", "ran", ""), ("test", "match", ""), ("test", "mismatch", "tests_fail"),
    ]  # fmt: skip
    assert "assertEqual" in rows[2]["actual"]

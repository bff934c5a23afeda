"""Verify the code of a book by running it: one row per expression or listing and toolchain.

Belongs here: a verdict for each check from its answer, and the rows. Does not: running
(``session.py``), comparing (``compare.py``), reasons (``reasons.py``), reports.

**What a verdict says.** ``match``: the value, the printed lines or the tests are as the book says.
``error_as_said``: it fails as the book says it should. ``ran``: it compiles or runs, and the book
shows nothing to compare with. ``mismatch``: it gives something else than the book shows, or fails
where the book says nothing of it: a slip or a drift. ``unverifiable``: it cannot be checked here,
with a reason. ``harness_error``: a fault of ours.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from booktune_assets.beam.compare import Finding, compare, fold, shown_error
from booktune_assets.beam.misspelt import misspelt
from booktune_assets.beam.places import placed
from booktune_assets.beam.reasons import (
    NEWER_MODULES,
    Book,
    assigned,
    before_running,
    nature_of,
    placeholder,
    redefined,
    why_not,
)
from booktune_assets.beam.session import Answer, run_steps
from booktune_assets.beam.steps import Check, Passage, checks_of, steps_of
from booktune_assets.beam.toolchains import Toolchain, toolchains
from booktune_assets.errors import Code, MissingPrerequisite
from booktune_assets.progress import advance
from booktune_assets.schemas_code import VERIFICATION

__all__ = ["VERSION", "counted", "judged", "passages", "run_checks", "verify"]

VERSION = "code_verification.7"
_WHOLE = re.compile(
    r"(?:[ \t]*#[^\n]*\n)*(?:defmodule|defprotocol|defimpl)[ \t]+[A-Z][\w.]*[\s\S]*\nend\s*\Z"
    r"|-module\(\w+\)\.[\s\S]*->"
)
_DEFINED = re.compile(
    r"^\s*(?:defmodule|defprotocol)\s+([A-Z][\w.]*)|^\s*-\s*module\(\s*'?(\w+)", re.M
)
_DIRECTIVE = re.compile(r"\s*(?:import|require|alias) [A-Z]")
_ERROR_LINE = re.compile(r"\s*(?:\*\* \(|error: |== Compilation error)")
_TESTS = re.compile(r"(\d+) tests?, (\d+) failures?")
_FUNCTION = re.compile(r"^\s*defp? (\w+[?!]?)", re.M)
_SENTENCE = re.compile(r"^\s*[A-Z][a-z]+,?(?: [a-z]+,?){2,}[^#\n]*$", re.M)
_CODE = ("code", "iex", "erl_shell")
_UNCALLED = "undefined_module"
_FAILURES = ("raises", "does_not_compile", "does_not_parse", "tests_fail")
_TEXT_MAX = 4_000
Row = dict[str, Any]


def verify(
    book_id: str, frames: Mapping[str, pl.DataFrame], folders: Sequence[str] = ()
) -> pl.DataFrame:
    """Rows of ``code_verification`` from the frames of ``sections``, on every toolchain.

    ``folders``: installations beside those on PATH. Raises MISSING_PROGRAM without Elixir and
    NO_SANDBOX when nothing can be run safely. A book without code costs nothing.
    """
    checks = checks_of(passages(frames["sections"], frames["sections__blocks"]))
    if not checks:
        return VERIFICATION.frame([])
    chains = toolchains(folders)
    if not chains:
        raise MissingPrerequisite(
            Code.MISSING_PROGRAM,
            "Install Elixir and Erlang (apt-get install elixir erlang-dev erlang-eunit)",
            program="elixir",
        )
    rows = [row for chain in chains for row in run_checks(book_id, checks, chain)]
    return VERIFICATION.frame(placed(rows, frames))


def run_checks(book_id: str, checks: Sequence[Check], chain: Toolchain) -> list[Row]:
    """Rows of the checks on one toolchain, without their places."""
    left = {check.id: why for check in checks if (why := before_running(check))}
    advance("running code", 0, len(checks))
    answers = run_steps(steps_of(checks, frozenset(left)), chain)
    advance("running code", len(checks), len(checks))
    return judged(book_id, checks, left, answers, chain)


def passages(sections: pl.DataFrame, blocks: pl.DataFrame) -> list[Passage]:
    """The code of a book in reading order, from the frames of ``sections``."""
    about = sections.select("section_id", at="ordinal", path="title_path")
    rows = blocks.join(about, on="section_id").sort("at", "ordinal").to_dicts()
    found: list[Passage] = []
    for number, row in enumerate(rows):
        if row["kind"] not in _CODE:
            continue
        near = [_near(rows, number, step) for step in (-1, 1, 2)]
        chapter = row["path"][0] if row["path"] else ""
        found.append(Passage(
            row["block_id"], row["section_id"], chapter, row["kind"], row["lang"], row["text"],
            _prose(near[0]), _prose(near[1]), _output(near[1], near[2]),
        ))  # fmt: skip
    return found


def counted(frame: pl.DataFrame) -> dict[str, int]:
    """Counts by verdict, and of expressions typed at prompts among them."""
    typed = frame.filter(pl.col("kind") == "expression")
    counts = {"rows": frame.height, "expressions": typed.height}
    counts |= dict.fromkeys(("match", "mismatch", "unverifiable", "harness_error"), 0)
    counts |= dict(Counter(frame["verdict"].to_list()))
    return counts | {f"expressions_{k}": n for k, n in Counter(typed["verdict"].to_list()).items()}


def _near(rows: list[dict[str, object]], number: int, step: int) -> dict[str, object] | None:
    place = number + step
    if not 0 <= place < len(rows) or rows[place]["section_id"] != rows[number]["section_id"]:
        return None
    return rows[place]


def _prose(row: Mapping[str, object] | None) -> str:
    return str(row["text"]) if row and row["kind"] not in (*_CODE, "output") else ""


def _output(one: Mapping[str, object] | None, two: Mapping[str, object] | None) -> str | None:
    """The block of output right below a listing, or below one sentence that leads to it."""
    if one is None or _shows(one):
        return None if one is None else str(one["text"])
    said = str(one["text"]).rstrip()
    if one["kind"] == "prose" and len(said) <= 160 and said.endswith(":") and two and _shows(two):
        return str(two["text"])
    return None


def _shows(row: Mapping[str, object]) -> bool:
    """Output, or an error that is set like a listing."""
    return row["kind"] == "output" or (
        row["kind"] == "code" and bool(_ERROR_LINE.match(str(row["text"])))
    )


def judged(
    book_id: str, checks: Sequence[Check], left: Mapping[int, tuple[str, str]],
    answers: Mapping[int, Answer], chain: Toolchain,
) -> list[Row]:  # fmt: skip
    """Rows of the checks by their answers; ``left`` says why some were not run at all."""
    defined = {name for check in checks for pair in _DEFINED.findall(check.code) for name in pair}
    book = Book(frozenset(defined - {""}), versions=_versions(checks))
    rows: list[Row] = []
    chapter = ""
    for check in checks:
        if check.passage.chapter != chapter:
            chapter = check.passage.chapter
            book.open.clear()
            book.bound.clear()
        answer = answers.get(check.id, Answer("lost", message="not run"))
        if check.id in left:
            verdict, (reason, detail) = "unverifiable", left[check.id]
            answer = Answer("ok")
        else:
            verdict, reason, detail = _verdict(check, answer, book)
        # a call that was never made breaks nothing that builds on the module
        _remember(check, "ran" if reason == _UNCALLED else verdict, reason, book)
        rows.append(_row(book_id, check, answer, chain, verdict, reason, detail))
    return rows


def _versions(checks: Sequence[Check]) -> dict[str, set[str]]:
    """Section ids in which the book defines each module."""
    found: dict[str, set[str]] = {}
    for check in checks:
        for pair in _DEFINED.findall(check.code):
            found.setdefault("".join(pair), set()).add(check.passage.section_id)
    return found


def _verdict(check: Check, answer: Answer, book: Book) -> tuple[str, str, str]:
    """Verdict, reason, detail."""
    if answer.status == "lost":
        return "harness_error", "lost", answer.message[:200]
    finding = _finding(check, answer)
    if finding.outcome in ("match", "error_as_said"):
        return finding.outcome, finding.reason, ""
    plain = finding.outcome == "ran" and finding.reason != "raises"
    name = misspelt(check, answer, book.modules | book.failed | NEWER_MODULES)
    if plain and name and not (check.says or check.fails):
        return "mismatch", _UNCALLED, name
    if plain and answer.status in ("ok", "failed"):
        return "ran", finding.reason, ""
    if check.says and finding.reason in _FAILURES:
        return "error_as_said", "", ""
    if name:
        meant_to = check.fails and not check.expected
        return ("error_as_said", "", "") if meant_to else ("mismatch", finding.reason, name)
    unparsed = finding.reason == "does_not_parse"
    if not unparsed and (why := why_not(check, answer, book)):
        return "unverifiable", *why
    if unparsed and (what := placeholder(check.code)):
        return "unverifiable", "placeholder", what
    if finding.reason in _FAILURES and (
        check.fails or (check.kind == "test" and "fail" in check.code.lower())
    ):
        return "error_as_said", "", ""
    if "invalid sigil delimiter" in answer.message:
        return "unverifiable", "newer_version", "sigil"
    if finding.reason == "does_not_parse" and _is_part(check):
        return "unverifiable", "fragment", "its end is not shown"
    if _is_no_code(check, answer, finding.reason):
        return "unverifiable", "not_code", ""
    if check.kind == "annotated" and finding.reason == "value" and _is_remark(check.expected):
        return "ran", "remark", ""
    if check.lang == "erlang" and check.kind == "listing":
        return "unverifiable", "fragment", ""
    return "mismatch", finding.reason, ""


def _finding(check: Check, answer: Answer) -> Finding:
    if answer.status in ("waits", "timeout", "killed"):
        return Finding("mismatch", "no_answer")
    if check.shell and check.expected == "nil" and _DIRECTIVE.match(check.code):
        return Finding("match", "wording")  # older versions gave nil for all of them
    if check.shell:
        return compare(check.expected or "", answer, check.lang)
    if check.kind == "test" and answer.status in ("ok", "failed"):
        return _tested(answer)
    if answer.status == "ok":
        return _printed(check.expected, answer)
    if check.expected and shown_error(check.expected, check.lang):
        return compare(check.expected, answer, "elixir")
    return Finding("mismatch", _why_failed(answer))


def _tested(answer: Answer) -> Finding:
    """By the runs that ended; a listing may have run its tests itself."""
    ran = [(int(tests), int(bad)) for tests, bad in _TESTS.findall(answer.output)]
    if not any(tests for tests, _ in ran) and answer.value.startswith("0 tests"):
        return Finding("ran")
    failed = any(bad for _, bad in ran) or (answer.status == "failed" and not ran)
    return Finding("mismatch", "tests_fail") if failed else Finding("match")


def _why_failed(answer: Answer) -> str:
    if answer.status == "unparsed":
        return "does_not_parse"
    compiled = answer.message.startswith("** (") and "CompileError" not in answer.message[:24]
    return "raises" if compiled else "does_not_compile"


def _printed(expected: str | None, answer: Answer) -> Finding:
    """A listing that ran: by what it printed, when both it and the book show some."""
    if not expected or not answer.output.strip():
        return Finding("ran")
    wanted, got = fold(expected), fold(answer.output)
    if wanted == got or sorted(wanted) == sorted(got) or set(got) <= set(wanted):
        return Finding("match")
    return Finding("mismatch", "output")


def _is_no_code(check: Check, answer: Answer, reason: str) -> bool:
    """Words, output or a scheme that is set like code: nothing that was ever meant to run."""
    from booktune_assets.beam.grammar import language_of

    if check.kind == "annotated":
        return answer.status == "unparsed"
    if check.kind == "expression" or reason not in ("does_not_parse", "does_not_compile"):
        return False
    if not re.search(r"[A-Za-z]{2}", check.code) or "misplaced operator |/2" in answer.message:
        return True
    if reason == "does_not_parse" and _WHOLE.match(check.code):
        return False  # a module from its first line to its last, with a slip in it
    if reason == "does_not_parse" and (
        _SENTENCE.search(check.code) or "\n## Examples" in check.code
    ):
        return True
    return language_of(check.code) not in ("elixir", "erlang", "iex", "erl_shell")


def _is_part(check: Check) -> bool:
    """A listing that only shows how something begins."""
    opens = len(re.findall(r"\bdo\b(?!:)|\bfn\b", check.code))
    if check.kind == "expression" or not opens:
        return False
    return check.code[:1] in " \t" or not re.search(r"\bend\b", check.code)


def _is_remark(expected: str | None) -> bool:
    """A comment in words, not a value."""
    return bool(re.fullmatch(r"[A-Z][a-z]+(?: [a-z]+)*[.!]?|[a-z]+(?: [a-z]+)+", expected or ""))


def _remember(check: Check, verdict: str, reason: str, book: Book) -> None:
    """Names that stand for nothing checked from here on, and modules that are not there."""
    modules = {name for pair in _DEFINED.findall(check.code) for name in pair if name}
    names = assigned(check.code, check.lang) if check.shell or check.kind == "listing" else set()
    kind = nature_of(check.code)
    for name in modules | names:
        book.nature.pop(name, None)
        if kind:
            book.nature[name] = kind
    if verdict in ("match", "ran", "error_as_said"):
        book.bound |= names
        for name in names:
            book.open.pop(name, None)
            if redefined(check, book):
                book.open[name] = "context"
        book.failed -= modules
        return
    if reason == "fragment":
        book.patched |= set(_FUNCTION.findall(check.code))
    book.shaken.add(check.passage.section_id)
    book.open |= dict.fromkeys(names, reason)
    book.failed |= modules


def _row(
    book_id: str, check: Check, answer: Answer, chain: Toolchain,
    verdict: str, reason: str, detail: str,
) -> Row:  # fmt: skip
    actual = answer.value or answer.message
    if check.lang == "erlang" and check.shell:
        actual = answer.output.strip()
    elif answer.output.strip() and check.shell:
        actual = f"{answer.output.rstrip()}\n{actual}"
    elif answer.output.strip():
        actual = answer.output.strip()
    if reason == _UNCALLED:
        actual = answer.diagnostics.strip()
    return {
        "book_id": book_id, "section_id": check.passage.section_id,
        "block_id": check.passage.block_id, "expression": check.number, "kind": check.kind,
        "lang": check.lang, "verdict": verdict, "reason": reason, "detail": detail,
        "reached": _reached(check, answer, verdict), "code": check.code[:_TEXT_MAX],
        "expected": check.expected and check.expected[:_TEXT_MAX], "actual": actual[:_TEXT_MAX],
        "toolchain": chain.name, "cpu_s": answer.cpu_s,
    }  # fmt: skip


def _reached(check: Check, answer: Answer, verdict: str) -> str:
    if verdict == "harness_error" or (answer.status == "ok" and not answer.cpu_s
                                      and verdict == "unverifiable"):  # fmt: skip
        return "nothing"
    if answer.status == "unparsed":
        return "nothing"
    if verdict in ("match", "error_as_said") and check.kind != "module":
        return "compared"
    if "CompileError" in answer.message[:24] or (check.lang == "erlang" and not check.shell
                                                 and answer.status == "error"):  # fmt: skip
        return "parsed"
    return "compiled" if check.kind == "module" and answer.status == "ok" else "ran"

"""Family ``predict_output``: what an expression of a shell session gives.

Belongs here: the question about a value. Does not: what the expression needs (``posed.py``), errors
(``diagnose.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import dedent

from booktune_assets.beam.terms import Dialect, parse_term
from booktune_assets.pairs.candidate import Candidate, View, fenced, language_name
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.posed import VOLATILE, Posed, posed
from booktune_assets.pairs.sessions import Entry
from booktune_assets.pairs.wording import ask

__all__ = [
    "ANY_ORDER",
    "ELIDED",
    "KEYS",
    "OPAQUE",
    "kind_of_question",
    "no_value",
    "predict_output",
]

RESULT_MAX = 1_200
OPAQUE = re.compile(r"#(?:PID|Reference|Function|Port|Ref|Fun)<|<0\.\d+\.\d+>|nonode@|#Fun<")
ELIDED = re.compile(r"\.\.\.(?!>)|…|\[\.\.\.\]|# =>|\(\.\.\.\)")
_SPEAKS = re.compile(r"(?m)^\s*(?:warning:|\*\* \(CompileError|nofile:|.*\bredefining module)")


# what the compiler notes beside a syntax tree is that of one version
_PRINTS = re.compile(r"\bIO\.(?:puts|write|inspect|binwrite)\b|\bio:(?:format|fwrite|nl|put)|:io\.")
_VERSION = re.compile(r"\bimports?: (?:\[|[A-Z])|\bcounter: -?\d|\balias: false|#MapSet<")
_OTHERS_PRINT = re.compile(r"(?s)\bspawn\w*\b.*\bIO\.|\bIO\..*\bspawn\w*\b|\bTask\.\w+.*\bIO\.")
_TREE = re.compile(r"\{[^{}]*, \[[^\]]*\], ")  # so is all that it notes in one
_DATA = re.compile(r"[%#\[{]")
# Two atoms or more as keys: up to OTP 25 they stand in the order of their names, later in none.
KEYS = re.compile(
    r"%\{(?:\w+: [^{}]*, \w+: |(?:[^{}]*, )?:\w+ => [^{}]*, :\w+ => )|#\{[a-z]\w* => [^{}]*,[a-z]"
)
_BOUND, _REMARK = re.compile(r"[A-Za-z_]\w*"), re.compile(r"\s+[#%] .*")
ANY_ORDER = "The keys of a map may be given in any order."
_WALKS = re.compile(
    r"\b(?:Enum\.(?:each|map|flat_map|to_list|reduce|filter|reject|zip|at|with_index|join|take|drop|"
    r"map_join|chunk\w*|split\w*|find\w*|unzip|map_reduce|scan|partition)|Stream\.\w+|"
    r"Map\.(?:keys|values|to_list)|Keyword\.new|maps:(?:to_list|keys|values|fold|map))\b|"
    r"\bfor\b.*<-|\binto: "
)


def _takes_order(code: str, result: str) -> bool:
    """Does the result depend on the order in which a map gives its keys?"""
    if not KEYS.search(code) or not _WALKS.search(code) or re.search(r"\bEnum\.sort", code):
        return False
    return result.lstrip().startswith(("[", "{")) or "\n" in result.strip()


def kind_of_question(code: str, result: str, lang: Dialect, *, several: bool) -> str:
    """Which wordings ask for the result: it may be a value, or what is printed and a value."""
    told = result.strip()
    if _PRINTS.search(code) and "\n" in told and parse_term(told, lang) is None:
        return "predict_shown"
    return "predict_last" if several else "predict_output"


def predict_output(view: View) -> Iterator[Candidate]:
    """One candidate per exchange of a session that prints a value."""
    for one in posed(view):
        if not one.fails:
            yield _candidate(view, one)


def _candidate(view: View, one: Posed) -> Candidate:
    block, entry = one.block, one.entry
    key = f"{block['block_id']}:{entry.start}"
    kind = kind_of_question(
        "\n".join(text for _, text in one.code()), entry.result, one.lang, several=bool(one.setup)
    )
    words = ask(kind, key, language=language_name(one.lang))
    result = view.quote(block, entry.result_start, entry.end, "answer")
    parts = [words, *one.shown()]
    if KEYS.search(entry.result):
        parts.append(ANY_ORDER)
    return Candidate(
        "predict_output", block["block_id"], one.shell, "code", "\n\n".join(parts),
        fenced(dedent(entry.result), ""), [*one.quotes(view), result], one.code(),
        problem=one.problem or no_value(entry, "\n".join(one.typed)),
        trials=(Trial(one.program(), "value"),),
    )  # fmt: skip


def no_value(entry: Entry, code: str) -> str:
    """Why what an exchange shows is nothing to ask for, or an empty string."""
    if VOLATILE.search(code) or OPAQUE.search(entry.result):
        return "result_varies"
    if _TREE.search(entry.result) and re.search(r"\b(?:quote|expand|string_to_quoted)", code):
        return "result_varies"
    if _VERSION.search(entry.result) or _takes_order(code, entry.result):
        return "result_varies"
    if _OTHERS_PRINT.search(code) and "\n" in entry.result.strip():
        return "result_varies"  # who prints first is not said
    if ELIDED.search(entry.result) or ELIDED.search(code):
        return "elided"
    if _SPEAKS.search(entry.result) or len(entry.result) > RESULT_MAX:
        return "result_not_a_value"
    if re.match(r"\s*(?:#(?![A-Z{])|//|%(?!\w*\{|[A-Z]))", entry.result):
        return "result_not_a_value"
    plain = " ".join(entry.expression.rstrip(".").split())
    result = " ".join(entry.result.split())
    typed, told = entry.expression.strip(), f" = {result}"
    if plain in (result, f"({result})"):
        return "result_is_expression"
    if plain.endswith(told) and _BOUND.fullmatch(plain, 0, len(plain) - len(told)):
        return "result_is_expression"
    if typed.startswith(result) and _REMARK.fullmatch(typed, len(result)):
        return "result_is_expression"
    if code.rpartition("\n")[0].strip() == plain + told:
        return "result_is_expression"  # a name just bound
    bound = re.sub(r"^[A-Za-z_]\w* = ", "", plain)
    if sorted(result.replace(" ", "")) == sorted(bound.replace(" ", "")) and _DATA.match(bound):
        return "result_is_expression"  # laid out anew, or a map whose keys have changed places
    if re.match(r"(?:require|import|alias|use) \S+$", plain):
        return "result_says_nothing"
    return "result_says_nothing" if result in ("nil", ":ok", "ok") and "\n" not in code else ""

"""Why an expression or listing of a book could not be checked here.

Belongs here: what an error says about what is missing (a package, a newer version, the rest of a
fragment, the network), code that cannot be checked by its nature. Does not: comparing values
(``compare.py``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from booktune_assets.beam.session import Answer
from booktune_assets.beam.steps import Check

__all__ = [
    "NEWER_MODULES", "Book", "assigned", "before_running", "nature_of", "placeholder", "redefined",
    "why_not",
]  # fmt: skip

_HELPER = re.compile(
    r"^\s*(?:(?:h|i|v|c|r|l|s|t|b|e|ls|cd|open|exports|nl|import_file|import_if_available|break!|"
    r"use_if_available|source)(?:\(|\s+[\"':A-Z&%\[{a-z~](?![^\n]*=\s))|"
    r"(?:h|v|ls|pwd|recompile|clear|respawn|continue|whereami|runtime_info|exports)"
    r"(?:\(\s*\))?\s*$|#iex:break|(?:.*[^\w.])?v\(-?\d*\)|[\w.:]+\.\s*(?:#.*)?$)"
)
_ERL_HELPER = re.compile(
    r"^\s*(?:help|i|v|h|e|m|ls|pwd|cd|l|nl|nc|regs|memory|uptime|history|results|b|y|lc|q|halt)\("
)
_PLACEHOLDER = re.compile(
    r"(?<![.\w])\.\.\.(?![.\w])|\?{3}|\u2026|<[a-z]+(?: [a-z]+)+>|\{\{[^{}\n]+\}\}"
)
_COMMENT_BODY = re.compile(r"->[ \t]*#[^\n]*\n\s*(?:[^\n]*->|end)")
_STRINGS = re.compile(r'"(?:[^"\\\n]|\\.)*"|#(?![{]).*$', re.M)
# handles are not among it: any is as good as another where values and strings are compared
_VOLATILE = re.compile(
    r"\brand\b|rand_|random|shuffle|\bseed|utc_now|utc_today|local_time|\bnow\(|_time\b|timestamp|(?:ref|pid)_to_list|"
    r"unique_integer|timer[.:]tc|uptime|System\.|:os\b|\bos:|\bnode\(\)|Node\.|Process\.(?:list|info)|"
    r"process_info|processes\(|memory|statistics|__ENV__|__DIR__|cwd|phash|:erlang\.system_info|"
    r"system_info|__STACKTRACE__|term_to_binary|compile_info|module_info|Application\.spec|"
    r":observer|\bets\.i\b|\bpid\(|benchmark|measure|sample\(|Registry\."
)
_NETWORK = re.compile(
    r"gen_tcp|gen_udp|:inet|\bhttpc|:ssl\b|\berpc\b|@[a-z]+-name|Node\.(?:connect|spawn|ping)|net_adm|net_kernel|"
    r"HTTPoison|\bReq\.|Tesla|Finch|https?://|:rpc\b|\brpc:|:global\b"
)
_INPUT = re.compile(r"\bIO\.(?:gets|read|getn|stream|binread)|\bio:(?:get_line|fread|read)|:stdio")
_FILE = re.compile(
    r"\bFile\.|\bfile:|Code\.(?:require|compile|eval)_file|Path\.wildcard|\bPort\.open"
)
_MISSING_MODULE = (
    re.compile(r"\(module ([\w.:]+) is not available"),
    re.compile(r"module ([\w.:]+) is not (?:loaded|available)"),
    re.compile(r"([\w.]+)\.__struct__/[01] is undefined"),
    re.compile(r"undefined function ([a-z]\w*):\w+/\d+"),
    re.compile(r"could not load module ([\w.]+)"),
    re.compile(r"unknown (?:registry|supervisor|module):? ([\w.]+)"),
    re.compile(r"documentation for module ([\w.]+)"),
    re.compile(r"cannot access struct ([\w.]+),"),
    re.compile(r"undefined parse transform '(\w+)'|behaviour (\w+) undefined"),
    re.compile(r"can't find include (?:file|lib) \"([^\"]+)\""),
)  # fmt: skip
_MISSING_FUNCTION = re.compile(r"function ([\w.:]+)\.([\w?!]+)/(\d+) is undefined or private")
_ERL_FUNCTION = re.compile(r"undefined function ([a-z]\w*):(\w+)/(\d+)")
_MISSING_NAME = re.compile(
    r"undefined (?:function|variable) [\"']?([\w?!@]+)[\"']?(?:/(\d+))?"
    r"|variable '(\w+)' is unbound|function (\w+)/\d+ undefined"
)
_OUTSIDE = re.compile(
    r"cannot invoke .{1,40} outside module|"
    r"cannot invoke .{1,40} (?:inside|outside) (?:a )?function|"
    r"outside of? (?:a )?module|is not allowed outside|must be called (?:inside|within)|"
    r"record \w+ undefined|outside module"
)
_PROJECT = re.compile(
    r"\w\.app['\"]|could not fetch application env|application was not loaded|unknown application|"
    r"Config\b.*(?:outside|evaluat)|Mix\.|ProjectStack|could not set config"
)
_MIX = re.compile(r"^\s*(?:use Mix\.|import Config\b|Mix\.\w)", re.M)
_APPLICATION = re.compile(
    r"\s*(?:\{[^=]*\}\s*=\s*)?Application\.(?:start|stop|ensure|\w+_env|load)"
)
_LOOSE = re.compile(
    r"(?:\s*#[^\n]*\n)*\s*(?:@\w+|def(?!module|protocol|impl)\w*\b|use [A-Z]|end\b|else\b"
    r"|\|>|->|-(?:spec|record|type|include|define)\b)"
)
_OF_A_MACHINE = re.compile(r"\"(?:/(?:Users|home)/|[A-Z]:[\\\\/])")
# not in Elixir 1.14 and OTP 25; where they are, nothing reports them as missing
NEWER_MODULES = frozenset({"Duration", "JSON", "JSON.Encoder", "json"})
_NEWER_NAMES = frozenset({"to_timeout", "is_non_struct_map", "get_in"})


@dataclass(slots=True)
class Book:
    """What is known of the book while its answers are judged.

    ``modules`` it defines, those that ``failed`` here; names that its chapter has ``bound``, and
    those ``open``: nobody could check their values; the ``nature`` of what modules and names depend
    on (files, clocks, the network); sections ``shaken`` by a failure; functions that a fragment
    has ``patched``; the sections that hold the ``versions`` of a module.
    """

    modules: frozenset[str]
    failed: set[str] = field(default_factory=set[str])
    open: dict[str, str] = field(default_factory=dict[str, str])
    bound: set[str] = field(default_factory=set[str])
    nature: dict[str, str] = field(default_factory=dict[str, str])
    shaken: set[str] = field(default_factory=set[str])
    patched: set[str] = field(default_factory=set[str])
    versions: Mapping[str, set[str]] = field(default_factory=dict[str, set[str]])


def before_running(check: Check) -> tuple[str, str] | None:
    """Reason and detail for code that is not run at all."""
    code = check.code
    if check.kind in ("expression", "listing"):
        helper = _HELPER if check.lang == "elixir" else _ERL_HELPER
        if found := helper.match(code):
            return "helper", found[0].strip()
        if code.strip() in ("...", "\u2026"):
            return "placeholder", ""
    return None


def why_not(check: Check, answer: Answer, book: Book) -> tuple[str, str] | None:
    """Reason and detail when what came is no verdict on the book; None when it is."""
    if answer.status != "ok" and _MIX.search(check.code):
        return "project", ""
    if "utc_only_time_zone_database" in f"{answer.value}{answer.message}":
        return "dependency", "a time zone database"
    ended = {"waits": "waits", "timeout": "hangs", "killed": "ends_vm"}.get(answer.status)
    code = check.code
    if ended:
        return (
            "input" if _INPUT.search(code) else "network" if _NETWORK.search(code) else ended
        ), ""
    said = answer.message if check.lang == "elixir" else f"{answer.message}\n{answer.output}"
    said += answer.output if check.kind == "test" else ""
    said += answer.diagnostics if "errors have been logged" in said else ""
    bare = _STRINGS.sub('""', code)
    if what := placeholder(code):
        return "placeholder", what
    if _failed(answer, said, check) and (found := _missing(said, answer, check, book)):
        return found
    if module := redefined(check, book):
        return "context", f"{module} is defined more than once"
    if found := _of_surroundings(check, f"{answer.value} {said}", book):
        return found
    if check.node or _NETWORK.search(code):
        return "network", check.node
    if _INPUT.search(code):
        return "input", ""
    # code that writes the error itself has read no file
    none = "enoent" in f"{answer.value}{said}" and "enoent" not in code
    if _FILE.search(code) or none or "no such file" in said:
        return "file", ""
    if found := _VOLATILE.search(code):
        return "volatile", found[0].strip()
    return _of_names(bare, book)


def placeholder(code: str) -> str:
    """What stands in the code for something else, or nothing."""
    found = _PLACEHOLDER.search(_STRINGS.sub('""', code)) or _COMMENT_BODY.search(code)
    return found[0].strip() if found else ""


def nature_of(code: str) -> str:
    """What the result of code depends on besides the code, or nothing."""
    kinds = {"network": _NETWORK, "input": _INPUT, "file": _FILE, "volatile": _VOLATILE}
    return next((name for name, pattern in kinds.items() if pattern.search(code)), "")


def _of_names(bare: str, book: Book) -> tuple[str, str] | None:
    """Names in the code that nobody could check, or that depend on more than code."""
    for name in re.findall(r"[A-Za-z_][\w.]*", bare):
        parts = [name, name.rpartition(".")[0], name.split(".")[0]]
        for part in parts:
            if kind := book.nature.get(part):
                return kind, part
            if part in book.open:
                return ("context" if book.open[part] != "volatile" else "volatile"), part
            if part in book.failed:
                return "context", part
    for module, function in re.findall(r"\b([A-Z][\w.]*)\.([a-z_]\w*[?!]?)", bare):
        if module in book.modules and function in book.patched:
            return "context", f"{function} is changed by a fragment"
    return None


def _of_surroundings(check: Check, said: str, book: Book) -> tuple[str, str] | None:
    """Applications, processes and messages that belong to what could not be run before."""
    if _PROJECT.search(said) or _APPLICATION.match(check.code):
        return "project", ""
    if "is not available)" in (check.expected or ""):
        found = re.search(r"\(module ([\w.]+) is not available", check.expected or "")
        if found and found[1] in book.modules:
            return "context", found[1]
    if re.search(r"noproc|no process|unknown registry", said):
        return "context", "a process"
    if re.match(r"\s*(?:flush|receive)\b", check.code):
        if check.passage.section_id in book.shaken:
            return "context", "messages"
        if said.strip() == ":ok":
            return "waits", "messages that come later"
    if _OF_A_MACHINE.search(check.expected or ""):
        return "file", "a place on the author's machine"
    if check.expected and "...>" in check.expected:
        return "fragment", "..."
    return None


def _failed(answer: Answer, said: str, check: Check) -> bool:
    if check.lang == "erlang":
        return answer.status != "ok" or "**" in said or re.search(r"^\*? ?\d+:", said) is not None
    return answer.status != "ok" or check.kind == "test"


def _missing(said: str, answer: Answer, check: Check, book: Book) -> tuple[str, str] | None:
    """What an error says is not there."""
    if answer.exports and (found := _ERL_FUNCTION.search(said)):
        near = any(_near(found[2], other) for other in answer.exports)
        kind = "context" if found[1] in book.modules else "newer_version"
        return None if near else (kind, f"{found[1]}:{found[2]}/{found[3]}")
    for pattern in _MISSING_MODULE:
        if found := pattern.search(said):
            module = next(part for part in found.groups() if part).removeprefix("Elixir.")
            return _of_module(module.strip(":."), check, book)
    if found := _MISSING_FUNCTION.search(said):
        module, name = found[1], found[2]
        if any(_near(name, other) for other in answer.exports):
            return None  # most likely a slip of the pen
        if module in book.modules:
            return "context", f"{module}.{name}/{found[3]}"
        return "newer_version", f"{module}.{name}/{found[3]}"
    if "unknown option" in said or "expected the following unknown" in said:
        return "newer_version", "option"
    if _OUTSIDE.search(said):
        return "fragment", "outside of a module"
    if found := _MISSING_NAME.search(said):
        name = next(part for part in (found[1], found[3], found[4]) if part)
        if check.shell and any(_near(name, other) for other in book.bound):
            return None
        if check.kind == "module" and _is_slip(name, found[3] is not None, check):
            return None
        if name in _NEWER_NAMES:
            return "newer_version", name
        if name in book.open:
            return ("volatile" if book.open[name] == "volatile" else "context"), name
        return "fragment", name
    if check.kind in ("listing", "module") and _LOOSE.match(check.code):
        return "fragment", "a piece of a module"
    return None


def _is_slip(name: str, unbound: bool, check: Check) -> bool:
    """In a module shown whole: a variable that nothing binds, or nearly the name of a function."""
    defined = re.findall(r"^\s*(?:defp? )?([a-z_]\w*[?!]?)\(", check.code, re.M)
    if check.lang == "erlang" and re.search(rf"^{re.escape(name)}\(", check.code, re.M):
        return True  # it stands there, so that its form did not end: a missing full stop
    return unbound or any(_near(name, other) for other in defined)


def _of_module(module: str, check: Check, book: Book) -> tuple[str, str]:
    if module in NEWER_MODULES:
        return "newer_version", module
    if module in book.modules or module in book.failed:
        return "context", module
    if module.split(".")[0] == "Mix" or module.endswith(".MixProject"):
        return "project", module
    return "dependency", module


def assigned(code: str, lang: str) -> set[str]:
    """Names that an expression binds: those on the left of its matches."""
    found: set[str] = set()
    for statement in re.split(r"[\n;]", _STRINGS.sub('""', code)):
        match = re.match(r"(.*?)(?<![=!<>~|+*/:-])=(?![=~>])", statement)
        left = match[1] if match else ""
        names = r"\b[A-Z]\w*" if lang == "erlang" else r"(?<![\w.:@&])[a-z_]\w*(?![\w?!:(])"
        found |= set(re.findall(names, left))
    return found


def _near(one: str, other: str) -> bool:
    """Is it the other name with one letter wrong, missing, doubled or swapped?"""
    if one == other or abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < 3:
        return False
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
              min(len(one), len(other)))  # fmt: skip
    rest, other_rest = one[at:], other[at:]
    return (
        rest[1:] == other_rest or rest == other_rest[1:] or rest[1:] == other_rest[1:]
        or (rest[:2] == other_rest[:2][::-1] and rest[2:] == other_rest[2:])
    )  # fmt: skip


def redefined(check: Check, book: Book) -> str:
    """A module in the code that the book defines more than once, the last time elsewhere."""
    for name in re.findall(r"\b[A-Z][\w.]*", _STRINGS.sub('""', check.code)):
        homes = book.versions.get(name) or book.versions.get(name.rpartition(".")[0]) or set()
        if len(homes) > 1 and check.passage.section_id not in homes:
            return name
    return ""

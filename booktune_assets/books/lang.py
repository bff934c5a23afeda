"""Which language a code block is in: a light guess from fence, prompts and keywords.

Belongs here: the reader's first answer, cheap; only text that shows no language at all is parsed.
Does not: the last word (``beam/`` may overrule this later; this room may not import it).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache

from booktune_assets.books.blocks import Block
from booktune_assets.books.judge import faults

__all__ = ["classify", "is_language", "name_languages", "of_cell", "of_fence"]

_FENCES = {
    "elixir": "elixir ex exs eex heex leex elixirc",
    "iex": "iex elixir-iex",
    "erlang": "erlang erl hrl escript",
    "erl_shell": "eshell erl-shell erlshell erlang-shell erlang-repl",
    "shell": "shell sh bash zsh console shell-session terminal session cmd bat batch powershell",
    "output": "output text-output stdout",
}
_OF_FENCE = {name: lang for lang, names in _FENCES.items() for name in names.split()}
_OTHERS = {
    name
    for names in (
        "c c++ c# cpp csharp css dart diff docker dockerfile f# fsharp go golang gleam graphql",
        "haskell html http ini java javascript js json jsx julia kotlin lfe lisp lua makefile",
        "markdown nginx ocaml perl php protobuf python py r ruby rust sass scala scss sql svelte",
        "swift toml ts tsx typescript vue xml yaml yml zig",
    )
    for name in names.split()
}
_PLAIN = frozenset({"text", "txt", "plain", "plaintext", "none", "no-highlight", "nohighlight", ""})

_CLASS = re.compile(r"(?<=\.)[a-z][\w+#-]*")
_NAME = re.compile(r"[\s{},:=]")  # ends the name of the language
_FORM = re.compile(r"^([ ]*)(?:defmodule|defp?|defmacrop?|@\w*doc|-module)\b", re.M)
_IEX = re.compile(r"^\s*(?:iex(?:\([^)\n]*\))?(?:\(?\d*\)?)?>|\.\.\.(?:\(\d+\))?>)", re.M)
_ERL = re.compile(r"^\s*(?:\([\w.@-]+\))?\d+>(?: |$)", re.M)
_ELIXIR = re.compile(
    r"(?m)(?:^\s*(?:defmodule|defp?|defmacrop?|defstruct|defimpl|defprotocol|alias|import|require"
    r"|use|test|describe)\b)|\bdo\s*$|^\s*end\b|\|>|\bfn\b.*->|%\{|%[A-Z]\w*\{|\b[a-z_]\w*: |"
    r"\b[A-Z]\w*(?:\.[A-Z]\w*)*\.[a-z_]\w*[!?]?\(|^\s*#\s|^\s*@\w+|~[a-zA-Z][\[({/\"']|<>|\bdo:|(?<![\w\"])\"[^\"\n]*#\{"
)
_ERLANG = re.compile(
    r"(?m)^\s*-(?:module|export|behaviou?r|include|include_lib|record|define|spec|type|callback|"
    r"import|compile|opaque)\b|^[a-z]\w*\([^)\n]*\)\s*(?:when\b.*)?->|\bfun\s*\(|\b[a-z]\w*:[a-z]\w*\("
    r"|^\s*%|<<\"|\bcase\b.*\bof\b|\breceive\s*$|#\{|[A-Z]\w*\s*=\s*[^=>]|[\])}a-z0-9]\.\s*$"
)
# Signs that other languages have, too: alone they tell nothing of what the grammar refuses.
_WEAK = {
    "elixir": re.compile(r"def|end|import|require|use|test|describe|\w+:|#|@\w+|<>"),
    "erlang": re.compile(r"[A-Z]\w*\s*=\s*\S|[\])}a-z0-9]\.|%|#\{"),
}
_OWN = {  # a list or a tuple as no other language writes it; a match that ends in a full stop
    "elixir": re.compile(r"\[\w+: [\"\w:\[]|\{:\w+[,}]"),
    "erlang": re.compile(r"(?ms)^\s*[A-Z]\w* = .*[\])}a-z0-9]\.\s*\Z"),
}
_FULL_STOP = re.compile(r"(?m)[\])}a-z0-9]\.\s*$")  # ends sentences, too
# Text that is of neither language, by the shape of its lines.
_KEY = re.compile(r"[\s{\[]*\"[^\"\n]*\"\s*:(?!:)")
_JSON = re.compile(r"\s*[{\[](?=\s*[\"{\[}\]])")
_YAML = re.compile(
    r"\s*(?:- )*(?:[\w./$<-][\w ./$<>-]*|\"[^\"]*\"|'[^']*'):(?: .*)?|\s*- \S.*|\s*#.*|---|\s*"
)
_YAML_KEY = re.compile(r"(?m)^\s*(?:- )?[\w./-]+:(?: |$)")
_NESTED = re.compile(r"(?m):\s*$|^\s*- ")
_NOT_YAML = re.compile(r"(?m),\s*$|->|=>|\|>|<-|%\{|\bdo:|\bdo$|:\s*(?:fn|%|~|:[a-z]).*|#\{")
_TABLE = re.compile(r"(?m)^\s*\[{1,2}[A-Za-z][\w.\" -]*\]{1,2}\s*$")
_SETTING = re.compile(r"(?m)^\s*[\w.-]+\s*=\s*\S")
_DRAWN = re.compile(r"[\u2500-\u257f]|\+[-=]{3,}\+|<?-{3,}>|(?m:^\s*[|`]-- )")
_PATHS = re.compile(r"(?:\s*/?(?:[A-Za-z_.~][\w.~-]*/)+[\w.-]*\s*(?:#.*)?(?:\n|$))+")
_TREE = re.compile(r"(?:[ ]*[\w.@~-]+(?:/[\w.@~-]+)*/?(?:[ ]+#.*)?[ ]*(?:\n|$))+")
_FOLDER = re.compile(r"(?m)^[ ]*[\w.@~-]+/(?:[ ]+#.*)?$")
_MAKE = re.compile(r"(?m)^[\w./%-]+:(?:[ ][\w./ %-]*)?\n\t\S")
_DIFF = re.compile(r"(?:(?:[ +-].*|@@ .*|)(?:\n|$))+")
_PUT, _CUT = re.compile(r"(?m)^\+(?!\+)[ \t]*\S"), re.compile(r"(?m)^-(?!-)[ \t]*\S")
_SHOWN = re.compile(r"#[A-Z][\w.]*<[^>\n]*>")  # a value that has no literal
_PRINTS = re.compile(r"\bIO\.(?:puts|write|inspect|gets)|\bio:(?:format|fwrite|put_chars)")
_REMARK = re.compile(r"<%|\S +# \w")  # a template of Elixir, or code with a remark
_ANSWER = re.compile(r"(?m)^\s*\*\* \(")
_SIGNLESS = r"[^()\[\]{}=|<>\"':@&#%^*+/\\\n]*"
_WORD = r"(?!(?:and|or|in|not|when|do|end|fn|of)\b)\w+"
_WORDS = re.compile(rf"(?m)^{_SIGNLESS}?\b(?:{_WORD},? ){{2}}{_WORD}{_SIGNLESS}$")
_COMMANDS = (
    "mix|git|sudo|apt|apt-get|brew|asdf|npm|npx|yarn|cd|mkdir|touch|rm|cp|mv|ls|cat|curl|wget|rebar3?|make|"
    "elixir|elixirc|erl|erlc|escript|iex|docker|docker-compose|kubectl|export|echo|chmod|tar|ssh|telnet|psql"
)
_PROMPT = re.compile(r"^\s*(?:[\w.@~/:-]*[$\u276f]|[A-Z]:\\[^>\n]*>|>)\s+[\w./~]")
_COMMAND = re.compile(
    rf"^\s*(?:[A-Z][A-Z_]*=\S+\s+)*(?:{_COMMANDS})(?:\s+[^\s=(][^=(]*|\s+\S+=\S+.*)?$"
)
_OUTPUT = re.compile(  # what tools print: ``mix``, ExUnit and EUnit, compilers, ``dbg``, loggers
    r"^\s*(?:\* creating |Compil(?:ing|ed) |Generated \w|==+> |(?:\.+\s+)?Finished in "
    r"|\d+\) (?:doctest|test|property) |Running ExUnit|Erlang/OTP \d|Interactive Elixir|warning: "
    r"|error: (?!fn\b)[a-z]+ [\w\"]|== Compilation error in |(?:Request to|Cannot) pry #PID"
    r"|Break reached: |Resolving Hex|Eshell V\d|(?:\S+ )?\S+\.\.\.\*failed\*|All \d+ tests passed"
    r"|\*\* \((?!EXIT))"
    r"|^[\w/.-]+\.(?:exs?|h?eex|leex|[eh]rl|[xy]rl):\d+:(?:\d+:)? |^=[A-Z]+ REPORT=="
    r"|^\[[^\s\[\]{}\"]+:\d+: (?:\(\w+\)|[^\[\]\n]+/\d+)\](?:\n|$)"
    r"|^(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d+)?Z?\s(?:[^\n\[]{0,40}\s)?\[\w+\]\s"
    r"|^\[(?:debug|info|notice|warn(?:ing)?|error|critical|alert|emergency)\]\s+(?![=|+-])\S"
)
_FAILED = re.compile(r"\s*\d+\) (?:doctest|test|property) .*\(\w[\w.]*\)\n\s+\S+:\d+\n")
_TESTED = re.compile(r"(?m)^Finished in [\d.]+ seconds")
_OTHER = re.compile(
    r"(?m)^\s*(?:flowchart|graph|sequenceDiagram|stateDiagram|classDiagram|subgraph)\b"
    r"|^\s*</?[a-zA-Z]+[^>%]*>\s*$|^\s*(?:SELECT|INSERT|CREATE|function|const|var|let|class|FROM|RUN)\s"
    r"|^HTTP/\d|^(?:GET|POST|PUT|DELETE) /"
)
# A page of HTML with Elixir in it: it begins with a tag or an insert, and tags begin lines.
_TEMPLATE = re.compile(r"\s*<(?:[A-Za-z.:][\w.:-]*(?=[\s/>])|!--|!doctype\b|%(?![>]))", re.I)
_TAGGED = re.compile(r"(?m)^\s*</?[A-Za-z.:][\w.:-]*(?=[\s/>])")


def is_language(name: str) -> bool:
    """Whether a label names a language, in any case: ``Elixir``, ``JSON``."""
    low = name.strip().lower().lstrip(".")
    return low in _OF_FENCE or low in _OTHERS or low in _PLAIN - {""}


def of_fence(info: str) -> tuple[str, bool]:
    """Language of a fence's info string, and whether it says anything at all."""
    info = info.strip().lower()
    if info.startswith("{"):  # attributes: the first class that names a language
        named = (word for word in _CLASS.findall(info) if is_language(word))
        info = next(named, info)
    word = _NAME.split(info.lstrip("{.#"), maxsplit=1)[0]
    if word in _PLAIN:
        return "", False
    return _OF_FENCE.get(word, "other"), True


def of_cell(info: str) -> bool:
    """Whether a fence that says this may hold what a notebook runs: a template may not."""
    return _NAME.split(info.strip().lstrip("{.").lower(), maxsplit=1)[0] in (
        "",
        "elixir",
        "ex",
        "exs",
        "erlang",
        "erl",
    )


def classify(text: str, info: str = "", book: str = "") -> tuple[str, str]:
    """``(kind, lang)`` of a code block; ``book`` is the language that the book mostly holds.

    Prompts decide over the fence: a block fenced as ``elixir`` that shows ``iex>`` is a session.
    """
    lang, said = of_fence(info)
    if lang in ("", "elixir", "iex", "output") and _is_session(text, _IEX):
        return "iex", "iex"
    if lang in ("", "erlang", "erl_shell", "output") and _is_session(text, _ERL):
        return "erl_shell", "erl_shell"
    if said:
        return ("output" if lang == "output" else lang if lang in _SESSIONS else "code"), lang
    return _guess(text, book)


def name_languages(blocks: Sequence[Block], usual: str = "") -> None:
    """Set kind and language of all code; until then ``lang`` is what mark-up said (a fence).

    ``usual`` is the language of a text that does not show one.
    """
    code = [block for block in blocks if block.kind == "code"]
    votes = [classify(_seen(block.text), block.lang)[1] for block in code]
    elixir = votes.count("elixir") + votes.count("iex")
    erlang = votes.count("erlang") + votes.count("erl_shell")
    main = usual if not elixir + erlang else "elixir" if elixir >= erlang else "erlang"
    said = {id(block): of_fence(block.lang)[1] for block in code}
    for block in code:
        block.kind, block.lang = classify(_seen(block.text), block.lang, main)
    for number, block in enumerate(blocks):
        before = blocks[max(0, number - 5) : number]
        if not said.get(id(block), True) and _is_printed(block, before):
            block.kind = block.lang = "output"


def _is_printed(block: Block, before: Sequence[Block]) -> bool:
    """Words that a program just shown, or just called, has printed."""
    if block.lang != "other" or not _WORDS.search(block.text) or _is_data(block.text):
        return False
    code = [one for one in before if one.kind == "code" and one.lang != "other"]
    return bool(code) and (code[-1].lang == "shell" or bool(_PRINTS.search(code[-1].text)))


_UNSEEN = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad")) | {
    0xA0: " ", 0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'"
}  # fmt: skip


def _seen(text: str) -> str:
    """The text without characters that do not show, and as it was before a typographer saw it."""
    return text if text.isascii() else text.translate(_UNSEEN)


def _is_session(text: str, prompt: re.Pattern[str]) -> bool:
    """Whether prompts are typed at: those that only stand deeper in a module belong to its docs.

    The report of a test that failed quotes them.
    """
    found = prompt.search(text)
    if found is None or _FAILED.match(text):
        return False
    form = _FORM.search(text)
    if form is None:
        return True
    deepest = len(form.group(1))
    lines = (one.group().rpartition("\n")[2] for one in prompt.finditer(text))
    return any(len(line) - len(line.lstrip(" ")) <= deepest for line in lines)


_SESSIONS = frozenset({"iex", "erl_shell"})
_LISTINGS = 2048  # that are remembered: one rule after the other asks for them


def _guess(text: str, book: str) -> tuple[str, str]:
    first = next(
        (line for line in text.split("\n") if line.strip() and not line.startswith(("# ", "% "))),
        "",
    )
    if _PROMPT.match(first) or _COMMAND.match(first) or text.startswith("#!/bin/"):
        return "code", "shell"
    if _OUTPUT.match(text) or _TESTED.search(text):
        return "output", "output"
    if _is_data(text) or (_TEMPLATE.match(text) and _TAGGED.search(text)):
        return "code", "other"
    elixir, erlang = _signs(text)
    if _OTHER.search(text) and max(elixir, erlang) < 3:
        return "code", "other"
    stops = len(_FULL_STOP.findall(text)) if _WORDS.search(text) else 0
    if max(elixir, erlang - stops) < 1:
        return "code", _doubtful(text, book)
    either = "erlang" if book == "erlang" else "elixir"
    lang = either if elixir == erlang else "elixir" if elixir > erlang else "erlang"
    if not _only_looks(text, lang):
        return "code", lang
    # both end their blocks with `end`: a few lines of the one may only look like the other
    second, signs = ("erlang", erlang - stops) if lang == "elixir" else ("elixir", elixir)
    return "code", second if signs > 0 and not _only_looks(text, second) else "other"


@lru_cache(maxsize=_LISTINGS)
def _signs(text: str) -> tuple[int, int]:
    """How many signs of Elixir and of Erlang a text has."""
    return len(_ELIXIR.findall(text)), len(_ERLANG.findall(text))


@lru_cache(maxsize=_LISTINGS)
def _only_looks(text: str, lang: str) -> bool:
    """Whether what looks like the language is neither taken by its grammar nor a cut piece of it.

    A piece may be cut out of a list or a map, or damaged; then a sign that no other language has
    stands in it.
    """
    signs = _ELIXIR if lang == "elixir" else _ERLANG
    if _OWN[lang].search(text):
        return False
    if not all(_WEAK[lang].fullmatch(one.group().strip()) for one in signs.finditer(text)):
        return False
    typed = _SHOWN.sub("x", _ANSWER.split(text)[0]).strip()
    entries = [line.strip().rstrip(",") for line in typed.split("\n") if line.strip()]
    cuts = (typed, f"[{typed.rstrip(',')}]", "\n".join(f"[{line}]" for line in entries))
    return all(faults(cut, lang) for cut in cuts)


@lru_cache(maxsize=_LISTINGS)
def _is_data(text: str) -> bool:
    """JSON, YAML, settings, drawings in characters: nothing that a compiler would take."""
    lines = [line for line in text.split("\n") if line.strip()]
    keys = sum(bool(_KEY.match(line)) for line in lines)
    said = sum(any(map(str.isalnum, line)) for line in lines)
    if keys and _JSON.match(text) and (keys >= 0.6 * said or _loads(text)):
        return True
    if _PATHS.fullmatch(text) or (_FOLDER.search(text) and _TREE.fullmatch(text)):
        return True
    if _MAKE.search(text) or (_PUT.search(text) and _CUT.search(text) and _DIFF.fullmatch(text)):
        return True
    keys = len(_YAML_KEY.findall(text))
    if keys >= (2 if _NESTED.search(text) else 3) and not _NOT_YAML.search(text):
        return all(map(_YAML.fullmatch, lines))
    if _TABLE.search(text) and _SETTING.search(text):
        return True
    return bool(_DRAWN.search(text)) and not _ELIXIR.search(text)


def _loads(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _doubtful(text: str, book: str) -> str:
    """Text that shows no language: that of the book if its grammar takes it, and it is no prose."""
    typed = _ANSWER.split(text)[0]
    if not typed.strip() or _REMARK.search(typed):
        return book
    if not book or _WORDS.search(text):
        return "other"
    return "other" if faults(_SHOWN.sub("x", typed), book) else book

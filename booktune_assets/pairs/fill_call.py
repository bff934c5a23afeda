"""Family ``fill_in`` of expressions: which function has to be called so that a value comes out.

Belongs here: the gap in an expression of a session, the check that one name fits and no other.
Does not: gaps in listings (``fill.py``), running (``execute.py``).

Every function of the same module is tried in the gap. The pair is kept when the book's is the only
one that gives the book's value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from textwrap import dedent

from booktune_assets.beam.alone import Piece, Program
from booktune_assets.pairs.candidate import Candidate, View, fenced, language_name
from booktune_assets.pairs.fill import MARK
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.posed import VOLATILE, Posed, posed
from booktune_assets.pairs.predict import ANY_ORDER, KEYS, OPAQUE, no_value
from booktune_assets.pairs.wording_code import ask_code

__all__ = ["fill_call"]

# Their functions give values and do nothing else.
_ELIXIR_WORDS = """
String Enum List Map Keyword Tuple Integer Float MapSet Regex Stream Date Time DateTime
NaiveDateTime Access URI Version Bitwise Range Base
"""
_ERLANG_WORDS = "lists maps string math sets ordsets proplists binary dict queue"
_PURE = frozenset(_ELIXIR_WORDS.split())
_PURE_ERLANG = frozenset(_ERLANG_WORDS.split())
_FAR = re.compile(r"(?<![\w.:@&])(?P<module>[A-Z]\w*)\.(?P<name>[a-z_]\w*[?!]?)\(")
_NEAR = re.compile(
    r"(?<![\w.:@&])(?P<name>abs|ceil|div|elem|floor|hd|length|map_size|max|min|put_elem|rem|round|"
    r"tl|trunc|tuple_size|byte_size|bit_size|binary_part|to_string|to_charlist)\("
)
_ERLANG = re.compile(r"(?<![\w:?])(?P<module>[a-z]\w*):(?P<name>[a-z]\w*)\(")
_EFFECTS = re.compile(
    r":zlib|:crypto|\bcompress|\bIO\.|\bio:|\bspawn|\bsend\b|\bself\b|\binspect\b|\bdbg\b|\bFile\.|!\s"
)
_SAYS_LITTLE = frozenset(("true", "false", "nil", ":ok", "ok", "0", "[]", "%{}", '""'))


def fill_call(view: View) -> Iterator[Candidate]:
    """At most one candidate per exchange: its last call of a library's function."""
    done: set[str] = set()
    for one in posed(view):
        if one.problem or one.fails or one.entry.result.strip() in _SAYS_LITTLE:
            continue
        said = one.entry.expression
        if _EFFECTS.search(said) or VOLATILE.search(said) or OPAQUE.search(one.entry.result):
            continue
        found = _call(one)
        if "\n".join(one.typed) in done:
            continue
        done.add("\n".join(one.typed))
        if found is not None and not no_value(one.entry, "\n".join(one.typed)):
            yield _candidate(view, one, *found)


def _call(one: Posed) -> tuple[str, str, int] | None:
    """(module, function, place of its name) of the last call that can be asked for."""
    said = one.entry.expression
    calls: list[tuple[int, str, str]] = []
    if one.lang == "erlang":
        calls = [
            (match.start("name"), match["module"], match["name"])
            for match in _ERLANG.finditer(said)
            if match["module"] in _PURE_ERLANG
        ]
    else:
        for match in _FAR.finditer(said):
            if match["module"] in _PURE:
                calls.append((match.start("name"), match["module"], match["name"]))
        calls += [(m.start("name"), "Kernel", m["name"]) for m in _NEAR.finditer(said)]
    names = [name for _, _, name in calls]
    calls = [call for call in calls if names.count(call[2]) == 1]  # else the answer stands there
    if not calls:
        return None
    place, module, name = max(calls)
    shown = [*(block["text"] for block in one.listings), *one.typed[:-1]]
    if any(re.search(rf"\b{re.escape(name)}\(", text) for text in shown):
        return None
    return module, name, place


def _candidate(view: View, one: Posed, module: str, name: str, place: int) -> Candidate:
    block, said, lang = one.block, one.entry.expression, one.lang
    gap = f"{said[:place]}{MARK}{said[place + len(name) :]}"
    key = f"{block['block_id']}:{one.entry.start}:call"
    words = ask_code("fill_call", key, home=f"`{module}`", mark=MARK, language=language_name(lang))
    parts = [words]
    if one.listings:
        parts += ["This is loaded:", *(fenced(o["text"], o["lang"]) for o in one.listings)]
    parts.append(fenced("\n".join([*one.typed[:-1], gap]), lang))
    parts += ["The value:", fenced(dedent(one.entry.result), "")]
    if KEYS.search(one.entry.result):
        parts.append(ANY_ORDER)
    result = view.quote(block, one.entry.result_start, one.entry.end, "question")
    answer = view.quote(block, one.entry.start, one.entry.typed_end, "answer")
    *before, last = one.program().pieces
    only = Piece("typed", lang, *_only(lang, module, name, gap))
    return Candidate(
        "fill_in", block["block_id"], one.shell, "code", "\n\n".join(parts), fenced(said, lang),
        [*one.quotes(view), result, answer], one.code(),
        trials=(
            Trial(Program((*before, last)), "value", tests=True),
            Trial(Program((*before, only), hasty=True), "value"),
        ),
    )  # fmt: skip


def _only(lang: str, module: str, name: str, gap: str) -> tuple[str, str]:
    """An expression that gives the names that fit into the gap, and what it has to give."""
    if lang == "erlang":
        return _only_erlang(module, name, gap)
    names = f"Enum.uniq(Keyword.keys({module}.__info__(:functions) ++ {module}.__info__(:macros)))"
    text = f"""
(fn b ->
  run = fn name ->
    text = String.replace({json.dumps(gap)}, {json.dumps(MARK)}, to_string(name))
    try do
      elem(Code.eval_string(text, b), 0) |> inspect(limit: :infinity)
    rescue
      _ -> :none
    catch
      _, _ -> :none
    end
  end
  wanted = run.({json.dumps(name)})
  for name <- {names}, name not in [:exit, :spawn, :spawn_link, :send, :dbg],
    to_string(name) =~ ~r/^[a-z]/, run.(name) == wanted, do: name
end).(binding())
""".strip()
    return text.replace("#{", "\\#{"), f"[:{name}]"


def _only_erlang(module: str, name: str, gap: str) -> tuple[str, str]:
    before, after = gap.rstrip(". ").split(MARK)
    text = (
        "(fun(Bs) -> Run = fun(F) -> "
        f"{{ok, Ts, _}} = erl_scan:string({json.dumps(before)} ++ atom_to_list(F) ++ "
        f"{json.dumps(after + '.')}), "
        "try {ok, Es} = erl_parse:parse_exprs(Ts), {value, V, _} = erl_eval:exprs(Es, Bs), {v, V} "
        "catch _:_ -> none end end, "
        f"Wanted = Run({name}), lists:usort([F || {{F, _}} <- {module}:module_info(exports), "
        "F =/= module_info, Run(F) =:= Wanted]) end)([])."
    )
    return text, f"[{name}]"

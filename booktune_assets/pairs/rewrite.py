"""Family ``rewrite``: an expression of a session in another form that gives the same.

Belongs here: which form is asked for, the question. Does not: the forms (``beam/forms_elixir.py``),
the same in another language (``translate.py``).

The answer is the book's expression and the question has the other form, unless that is the usual
way to write it: then it is the other way round. Both are run, and both have to give the value that
the book shows.
"""

from __future__ import annotations

from collections.abc import Iterator

from booktune_assets.beam.alone import Piece, Program
from booktune_assets.beam.forms_elixir import Form, other_forms
from booktune_assets.ids import stable_int
from booktune_assets.pairs.candidate import Candidate, View, fenced
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.posed import VOLATILE, Posed, posed
from booktune_assets.pairs.predict import ELIDED, OPAQUE
from booktune_assets.pairs.wording_code import ask_code

__all__ = ["rewrite"]

LINES_MAX = 12
SAME_MAX = 2  # times that one form is asked for in a section
_HOW = {
    "pipeline": "with the pipe operator",
    "nested calls": "as nested calls, without the pipe operator",
    "capture": "with the capture operator `&`",
    "fn": "with `fn` instead of the capture operator",
    "comprehension": "as a comprehension with `for`",
    "interpolation": "with string interpolation",
    "short keys": "with the short syntax for atom keys",
    "keyword list": "with the short syntax of keyword lists",
    "word list": "with the sigil `~w`",
    "brackets": "with square brackets instead of `Map.get/2`",
    "one line": "in one line, with `do:`",
}


def rewrite(view: View) -> Iterator[Candidate]:
    """At most one candidate per expression."""
    asked: dict[str, int] = {}
    for one in posed(view, fit=_fit):
        said = one.entry.expression
        forms = [form for form in other_forms(said) if asked.get(form.kind, 0) < SAME_MAX]
        forms.sort(key=lambda form: (asked.get(form.kind, 0), stable_int(f"{form.kind} {said}")))
        for form in forms[:1]:
            asked[form.kind] = asked.get(form.kind, 0) + 1
            yield _candidate(view, one, form)


def _fit(one: Posed) -> bool:
    said, result = one.entry.expression, one.entry.result
    if one.lang != "elixir" or one.problem or one.fails or said.count("\n") >= LINES_MAX:
        return False
    if OPAQUE.search(result) or ELIDED.search(f"{said}\n{result}") or "#" in said.replace("#{", ""):
        return False
    return not VOLATILE.search("\n".join(one.typed))


def _candidate(view: View, one: Posed, form: Form) -> Candidate:
    block, said = one.block, one.entry.expression
    asked, answer = (said, form.text) if form.better else (form.text, said)
    how = _HOW[form.other if form.better else form.kind]
    key = f"{block['block_id']}:{one.entry.start}:{form.kind}"
    parts = [ask_code("rewrite", key, language="Elixir", how=how)]
    if one.listings:
        parts += ["This is loaded:", *(fenced(o["text"], o["lang"]) for o in one.listings)]
    if one.setup:
        parts += ["Before it, this was evaluated:", fenced("\n".join(one.typed[:-1]), "elixir")]
    if one.listings or one.setup:
        parts.append("The code:")
    parts.append(fenced(asked, "elixir"))
    *before, last = one.program().pieces
    other = Piece("typed", "elixir", form.text, last.expected)
    quote = view.quote(block, one.entry.start, one.entry.typed_end, "answer")
    return Candidate(
        "rewrite", block["block_id"], "iex", "code", "\n\n".join(parts), fenced(answer, "elixir"),
        [*one.quotes(view), quote], [*one.code(), ("elixir", form.text)],
        glue=tuple(form.text.split("\n")) if form.better else (),
        trials=(
            Trial(one.program(), "value", tests=True),
            Trial(Program((*before, other)), "value"),
        ),
    )  # fmt: skip

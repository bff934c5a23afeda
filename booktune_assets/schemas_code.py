"""The tables of verified code: what was run, and what can be said of listings without a run.

Belongs here: their contracts. Does not: tables of other assets (``schemas.py``), running code.
"""

from __future__ import annotations

import polars as pl

from booktune_assets.columns import BOOK, PLACE
from booktune_assets.contracts import Column as C
from booktune_assets.contracts import Ref, Table

__all__ = ["CODE_BLOCKS", "CODE_CALLS", "CODE_SYMBOLS", "VERIFICATION"]

S, I32, F64, B = pl.String, pl.Int32, pl.Float64, pl.Boolean
VERDICTS = ("match", "mismatch", "error_as_said", "ran", "unverifiable", "harness_error")

_BLOCK_LANGS = ("elixir", "erlang", "iex", "erl_shell")
_LISTING = (
    BOOK,
    C("section_id", S, "Section"),
    C("block_id", S, "Block"),
    *PLACE,
    C("lang", S, "Language of the block", values=_BLOCK_LANGS),
)
_REFS = (Ref("block_id", "raw_books__blocks", "block_id"),
         Ref("section_id", "sections", "section_id"))  # fmt: skip
CODE_BLOCKS = Table("code_verification__blocks",
    "One row per block of code: what the installed parser and compiler say of it",
    ("block_id",), (
    *_LISTING,
    C("verdict", S, "valid: it could be a file or session as it stands; fragment: a piece of one; "
        "refused: it parses, and the compiler does not take it; damaged: it does not parse; "
        "newer: the grammar takes it, the installed parser does not; "
        "not_code: words, output or commands",
        values=("valid", "fragment", "refused", "damaged", "newer", "not_code")),
    C("reads_as", S, "Language in which it parses: its own, the other one, or none",
        values=(*_BLOCK_LANGS, "")),
    C("line", I32, "Line of the first fault in the block", nullable=True, ge=1),
    C("message", S, "What the parser or compiler says, or what the listing lacks"),
), _REFS)  # fmt: skip
CODE_SYMBOLS = Table("code_verification__symbols",
    "One row per module, function, type … and block that defines it",
    ("block_id", "kind", "module", "name", "arity"), (
    *_LISTING,
    C("kind", S, "What it is", values=(
        "module", "protocol", "impl", "function", "macro", "guard", "delegate", "callback",
        "macrocallback", "type", "struct", "exception", "record")),
    C("module", S, "Module as named in Elixir source (`:ets`); empty outside of any"),
    C("name", S, "Name; empty for a module"),
    C("arity", I32, "Arity, with all defaults given; -1 for what has none", ge=-1),
    C("arity_min", I32, "Arity with no default given", ge=-1),
    C("public", B, "May others call it?"),
    C("line", I32, "Line in the block", ge=1),
    C("spec", S, "Its `@spec`, wherever the book gives it", nullable=True),
), _REFS)  # fmt: skip
CODE_CALLS = Table("code_verification__calls",
    "One row per block and function it calls that is neither in the book nor installed, "
    "or is deprecated",
    ("block_id", "module", "name", "arity"), (
    *_LISTING,
    C("line", I32, "Line of the first such call in the block", ge=1),
    C("module", S, "Module as named in Elixir source"),
    C("name", S, "Function"),
    C("arity", I32, "Arity of the call", ge=-1),
    C("within", S, "Function that calls it"),
    C("status", S, "What is not there", values=(
        "deprecated", "wrong_arity", "unknown_function", "unknown_module")),
    C("reason", S, "Why, as far as it can be told", values=(
        "deprecated", "arity", "slip", "version", "dependency", "project", "not_shown",
        "unknown")),
    C("detail", S, "The package, the name, module or arities that are there, the advice"),
), _REFS)  # fmt: skip

VERIFICATION = Table("code_verification", "One row per expression or listing that was run",
    ("block_id", "expression", "toolchain"), (
    BOOK,
    C("section_id", S, "Section"),
    C("block_id", S, "Block"),
    C("expression", I32, "Number of the expression in its block, from 0", ge=0),
    *PLACE,
    C("section_line", I32, "Line of the section's text in which it begins, from 1: a paragraph is "
        "one, and so is the blank below each block", nullable=True, position=True, ge=1),
    C("kind", S, "What was checked: typed at a prompt, annotated in a listing, or a whole block",
        values=("expression", "annotated", "listing", "module", "test")),
    C("lang", S, "Language", values=("elixir", "erlang")),
    C("verdict", S, "What came of it", values=VERDICTS),
    C("reason", S, "What differs, or why it cannot be checked; empty when there is nothing to say"),
    C("detail", S, "Which package, name or version; of a mismatch the module that is meant"),
    C("reached", S, "How far it came",
        values=("nothing", "parsed", "compiled", "ran", "compared")),
    C("code", S, "What was run, at most 4,000 characters"),
    C("expected", S, "What the book shows for it", nullable=True),
    C("actual", S, "What came: printed lines and value, or error", volatile=True),
    C("toolchain", S, "Versions of Elixir and OTP"),
    C("cpu_s", F64, "CPU time", "s", volatile=True, ge=0),
), (Ref("block_id", "raw_books__blocks", "block_id"),
    Ref("section_id", "sections", "section_id")))  # fmt: skip

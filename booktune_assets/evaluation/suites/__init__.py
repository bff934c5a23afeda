"""All suites by name, in the order of the report.

Belongs here: which suites there are. Does not: any suite (one module each).
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from booktune_assets.errors import BookError, Code
from booktune_assets.evaluation.suite import Suite

__all__ = ["NAMES", "OF_BOOKS", "open_suites"]

_MODULES = {
    "book_sections": "texts:BookSections",
    "book_choice": "choice:BookChoice",
    "short_answers": "short_answers:ShortAnswers",
    "heldout_answers": "answers:HeldoutAnswers",
    "problems": "problems:Problems",
    "own_files": "files:OwnFiles",
    "otp": "otp:Otp",
    "retrieval": "retrieval:Retrieval",
    "stage_texts_general": "texts:StageGeneral",
    "stage_texts_domain": "texts:StageDomain",
    "general_text": "texts:GeneralText",
    "general_code": "texts:GeneralCode",
    "drift": "drift:Drift",
    "tool_calls": "tools:ToolCalls",
    "formats": "formats:Formats",
    "lm_eval": "lm_eval:LmEval",
    "variation": "variation:Variation",
    "verbatim": "copied:Verbatim",
    "regurgitation": "copied:Regurgitation",
}
NAMES = tuple(_MODULES)
OF_BOOKS = frozenset({  # what they ask comes out of books that were trained on
    "book_sections", "book_choice", "short_answers", "heldout_answers", "retrieval", "verbatim",
    "regurgitation",
})  # fmt: skip


def open_suites(chosen: Sequence[str] = ()) -> list[Suite]:
    """The chosen suites (all when none is named), each a new object. Raises ``BAD_SETTING``."""
    if unknown := sorted(set(chosen) - set(NAMES)):
        raise BookError(
            Code.BAD_SETTING, f"Name suites that exist: {', '.join(NAMES)}",
            suites=", ".join(unknown),
        )  # fmt: skip
    made: list[Suite] = []
    for name, where in _MODULES.items():
        if chosen and name not in chosen:
            continue
        module, _, kind = where.partition(":")
        found = import_module(f"booktune_assets.evaluation.suites.{module}")
        made.append(getattr(found, kind)())
    return made

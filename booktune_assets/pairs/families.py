"""The task families of the extractive generator, in the order in which they propose.

Belongs here: the list, with each family's version, which is part of the ids of its pairs: raised
only when old pairs are not to be known again, because decisions of a review hang on ids. Does not:
what a family asks (one module each).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from booktune_assets.pairs.api_use import api_use
from booktune_assets.pairs.candidate import Candidate, View
from booktune_assets.pairs.commands import commands
from booktune_assets.pairs.compare import compare
from booktune_assets.pairs.define import define
from booktune_assets.pairs.diagnose import diagnose_error
from booktune_assets.pairs.diagnose_slip import diagnose_slip
from booktune_assets.pairs.entries import list_entries
from booktune_assets.pairs.explain import explain_code
from booktune_assets.pairs.facts import facts
from booktune_assets.pairs.fill import fill_in
from booktune_assets.pairs.fill_call import fill_call
from booktune_assets.pairs.fix_bug import fix_bug
from booktune_assets.pairs.fix_failure import fix_failure
from booktune_assets.pairs.fix_result import fix_result
from booktune_assets.pairs.illustrate import illustrate
from booktune_assets.pairs.lesson import lesson
from booktune_assets.pairs.predict import predict_output
from booktune_assets.pairs.predict_typed import predict_typed
from booktune_assets.pairs.prerequisites import prerequisites
from booktune_assets.pairs.reason import reason
from booktune_assets.pairs.refusal import refusal
from booktune_assets.pairs.results import predict_result
from booktune_assets.pairs.rewrite import rewrite
from booktune_assets.pairs.shell import session
from booktune_assets.pairs.steps import steps
from booktune_assets.pairs.tables import table_rows, whole_table
from booktune_assets.pairs.translate import translate
from booktune_assets.pairs.translate_call import translate_call
from booktune_assets.pairs.true_false import true_false
from booktune_assets.pairs.write import write_code
from booktune_assets.pairs.write_test import write_test
from booktune_assets.pairs.write_value import write_value

__all__ = ["AFTERWARDS", "AT_ONCE", "FAMILIES", "Family"]

Family = tuple[str, int, Callable[[View], Iterator[Candidate]]]

AT_ONCE: tuple[Family, ...] = (
    ("define", 4, define),
    ("explain_code", 5, explain_code),
    ("write_code", 3, write_code),
    ("predict_output", 4, predict_output),
    ("predict_output", 4, predict_result),
    ("diagnose_error", 3, diagnose_error),
    ("fill_in", 2, fill_in),
    ("fill_in", 2, fill_call),
    ("fix_bug", 3, fix_bug),
    ("fix_bug", 3, fix_result),
    ("translate", 3, translate),
    ("write_test", 2, write_test),
    ("session", 1, session),
    # these take what the ones above leave of a block
    ("predict_output", 4, predict_typed),
    ("write_code", 3, illustrate),
    ("write_code", 3, write_value),
    ("write_code", 3, commands),
    ("rewrite", 1, rewrite),
    ("translate", 3, translate_call),
    ("fix_bug", 3, fix_failure),
    ("diagnose_error", 3, diagnose_slip),
    ("compare", 1, compare),
    ("steps", 1, steps),
    ("steps", 1, whole_table),
    ("define", 4, table_rows),
    ("define", 4, list_entries),
    ("reason", 3, reason),
    ("api_use", 1, api_use),
    ("true_false", 2, true_false),
    ("refusal", 2, refusal),
    ("prerequisites", 2, prerequisites),
)
# made of what the others gave, or left
AFTERWARDS: tuple[Family, ...] = (("reason", 3, facts), ("lesson", 3, lesson))
FAMILIES: tuple[Family, ...] = (*AT_ONCE, *AFTERWARDS)

"""The per-book chain: four assets, one step, book by book.

Belongs here: the specs of the book assets and the loop over books and stages. Does not: what a
stage does (``chain/build.py`` and the rooms), what is shown (``metadata.py``).

Why one step: see ``docs/why/one-step-per-book-chain.md``. Events are yielded, not logged: a yielded
event is stored at once, a logged one only when the step yields next or ends, so a killed run would
lose the record of books that are done.
"""

from collections.abc import Iterator

import dagster as dg

from booktune_assets.assets.checks import BOOK_CHECKS, evaluate_book_checks
from booktune_assets.assets.metadata import about, described
from booktune_assets.assets.partitions import BOOKS, BOOKS_PER_RUN
from booktune_assets.assets.stages import failure_of, materialisation, observation, run_stage
from booktune_assets.chain.build import code_version
from booktune_assets.chain.house import BOOK_STAGES, House, Outcome

__all__ = ["book_chain_step"]

_KINDS = {
    "raw_books": {"python", "parquet"},
    "sections": {"polars", "parquet"},
    "concept_graph": {"polars", "parquet"},
    "instruction_pairs": {"polars", "parquet"},
}

Event = dg.AssetMaterialization | dg.AssetObservation | dg.AssetCheckEvaluation


def _specs() -> list[dg.AssetSpec]:
    """One spec per stage, each after the one before it."""
    return [
        dg.AssetSpec(
            stage,
            deps=[BOOK_STAGES[number - 1]] if number else [],
            description=described(stage),
            metadata=about(stage),
            skippable=True,
            group_name="books",
            code_version=code_version(stage),
            owners=["team:data"],
            kinds=_KINDS[stage],
            partitions_def=BOOKS,
        )
        for number, stage in enumerate(BOOK_STAGES)
    ]


@dg.multi_asset(
    name="book_chain_step",
    specs=_specs(),
    check_specs=BOOK_CHECKS,
    can_subset=True,
    partitions_def=BOOKS,
    backfill_policy=dg.BackfillPolicy.multi_run(BOOKS_PER_RUN),
)
def book_chain_step(
    context: dg.AssetExecutionContext, house: dg.ResourceParam[House]
) -> Iterator[Event]:
    """Read, divide, map and question the selected books; raise at the end if any of them failed."""
    selected = {key.to_user_string() for key in context.selected_asset_keys}
    stages = [stage for stage in BOOK_STAGES if stage in selected]
    checks = set(context.selected_asset_check_keys)
    failed: list[Outcome] = []
    for book in context.partition_keys:
        stopped: Outcome | None = None
        for stage in stages:
            outcome = run_stage(context, stage, book, house)
            if outcome.error is not None:
                stopped = outcome
                failed.append(outcome)
                yield observation(outcome, house)
                break  # what was built before from this book stays, marked as not current
            yield materialisation(outcome, house, context.instance)
        yield from evaluate_book_checks(book, checks, house, stopped)
    if failed:
        raise failure_of(failed)

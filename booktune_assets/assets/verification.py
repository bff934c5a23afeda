"""The asset of verified code: each book's expressions and listings, run in the sandbox.

Belongs here: its spec, its check, the table of mismatches on its page. Does not: verifying
(``beam/``), the chain of book assets (``books.py``): this one is made only when somebody asks.
"""

import warnings
from collections.abc import Iterator

import dagster as dg
import polars as pl

from booktune_assets.assets.books import Event
from booktune_assets.assets.metadata import about, described
from booktune_assets.assets.partitions import BOOKS, BOOKS_PER_RUN
from booktune_assets.assets.plots import INLINE_CHARS
from booktune_assets.assets.stages import failure_of, materialisation, observation, run_stage
from booktune_assets.chain.build import code_version
from booktune_assets.chain.house import House, Outcome

__all__ = ["verification_step"]

ASSET = "code_verification"
CHECK = "code_does_what_the_book_says"
CELL_CHARS = 60

with warnings.catch_warnings():
    warnings.simplefilter("ignore", dg.PreviewWarning)  # partitioned checks, said in the docs
    _CHECK = dg.AssetCheckSpec(
        CHECK, asset=ASSET, partitions_def=BOOKS,
        description="No expression gives something else than the book shows",
    )  # fmt: skip


@dg.multi_asset(
    name="verification_step",
    specs=[
        dg.AssetSpec(
            ASSET,
            deps=["sections"],
            description=described(ASSET),
            metadata=about(ASSET),
            skippable=True,
            group_name="books",
            code_version=code_version(ASSET),
            owners=["team:data"],
            kinds={"elixir", "parquet"},
            partitions_def=BOOKS,
        )
    ],
    check_specs=[_CHECK],
    can_subset=True,  # a check that is answered per partition is no output of the step
    partitions_def=BOOKS,
    backfill_policy=dg.BackfillPolicy.multi_run(BOOKS_PER_RUN),
)
def verification_step(
    context: dg.AssetExecutionContext, house: dg.ResourceParam[House]
) -> Iterator[Event]:
    """Run the code of the selected books; raise at the end if any of them could not be run."""
    failed: list[Outcome] = []
    for book in context.partition_keys:
        outcome = run_stage(context, ASSET, book, house)
        if outcome.error is not None:
            failed.append(outcome)
            yield observation(outcome, house)
            continue
        frame = house.lake.read(ASSET, book)
        made = materialisation(outcome, house, context.instance)
        yield made.with_metadata({**made.metadata, "mismatches": _table(frame)})
        if context.selected_asset_check_keys:
            yield _evaluation(book, frame)
    if failed:
        raise failure_of(failed)


def _evaluation(book: str, frame: pl.DataFrame) -> dg.AssetCheckEvaluation:
    """A warning: the book may have been written for another version."""
    wrong = frame.filter(pl.col("verdict").is_in(["mismatch", "harness_error"]))
    return dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey(ASSET),
        check_name=CHECK,
        passed=wrong.is_empty(),
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "book": dg.MetadataValue.text(book),
            "looked_at": dg.MetadataValue.int(frame.height),
            "broken": dg.MetadataValue.int(wrong.height),
        },
        target_materialization_data=None,
        description=f"{book}: {wrong.height} of {frame.height} differ",
        blocking=False,
        partition=book,
    )


def _table(frame: pl.DataFrame) -> dg.MetadataValue[str]:
    """The mismatches, as many as the page shows in place."""
    rows = frame.filter(pl.col("verdict") == "mismatch").to_dicts()
    if not rows:
        return dg.MetadataValue.md("none")
    lines = ["| page | code | the book shows | it gives |", "| --- | --- | --- | --- |"]
    for row in rows:
        cells = (row["page"] or row["href"] or "", row["code"], row["expected"], row["actual"])
        line = f"| {' | '.join(map(_cell, cells))} |"
        if len("\n".join([*lines, line])) > INLINE_CHARS - 40:
            lines.append(f"\n{len(rows) - len(lines) + 2} more")
            break
        lines.append(line)
    return dg.MetadataValue.md("\n".join(lines))


def _cell(value: object) -> str:
    flat = " ".join(str(value or "").split())
    flat = flat if len(flat) <= CELL_CHARS else f"{flat[:CELL_CHARS]}…"
    return "".join(f"\\{char}" if char in "\\`*_[]<>|#" else char for char in flat)

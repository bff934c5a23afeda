"""The jobs: what a person, a sensor or the CLI starts as one run.

Belongs here: selections and their names. Does not: when they start (``automation.py``).

Partitioned and unpartitioned assets never share a job: such a run would build the sets once for
every batch of books. The whole is therefore a job of one op that starts the parts in turn.
"""

import dagster as dg

from booktune_assets.assets.partitions import BOOKS
from booktune_assets.chain.house import BOOK_STAGES, MODEL_STAGES, SET_STAGES, House

__all__ = ["book_chain", "data_sets", "everything", "models"]

WHOLE: tuple[str, ...] | None = None  # every asset there is

book_chain = dg.define_asset_job(
    "book_chain",
    dg.AssetSelection.assets(*BOOK_STAGES),
    partitions_def=BOOKS,
    description="All four book assets of the chosen books, book by book in one step.",
)
data_sets = dg.define_asset_job(
    "data_sets",
    dg.AssetSelection.assets(*SET_STAGES),
    description="Both data sets from every book that is ready. Started by fan_in_sensor.",
)
models = dg.define_asset_job(
    "models",
    dg.AssetSelection.assets(*MODEL_STAGES),
    description="Rehearsal texts, adapter, evaluation. Spends accelerator time: never automatic.",
)


@dg.op(description="Starts each part as its own run in this process and waits for it.")
def run_everything(context: dg.OpExecutionContext, house: dg.ResourceParam[House]) -> None:
    """Every book on the shelf, then sets, models and marts; unchanged things are reused."""
    from booktune_assets.assets.execute import run_parts
    from booktune_assets.assets.stages import failure_of

    summary = run_parts(house.settings, context.instance, WHOLE)
    context.log.info(summary.words())
    if summary.failed:
        raise failure_of(summary.failed)


@dg.job(description="The whole: books, sets, models, marts. Spends accelerator time.")
def everything() -> None:
    """One op; its parts are runs of their own in the run list."""
    run_everything()

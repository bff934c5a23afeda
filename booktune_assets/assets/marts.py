"""The five marts as assets, and the tests of the dbt project as their checks.

Belongs here: specs read from dbt's YAML, one step that builds all marts, results as events. Does
not: SQL (``dbt/``), building and swapping (``warehouse/``). Why not ``@dbt_assets``: see
``docs/why/marts.md``.
"""

import json
from collections.abc import Iterator
from typing import Any

import dagster as dg

from booktune_assets.assets.pools import say_process
from booktune_assets.assets.stages import tell
from booktune_assets.chain.house import House, Outcome
from booktune_assets.errors import BooktuneError, ServiceDown
from booktune_assets.schemas import TABLES
from booktune_assets.settings import Settings
from booktune_assets.warehouse import (
    Checked,
    Mart,
    MartsMade,
    MartsRefused,
    build_marts,
    first_rows,
    marts,
)
from booktune_assets.warehouse.project import DBT, MADE_FROM, project_digest

__all__ = ["build_marts_definitions"]

CELL_CHARS = 80
Event = dg.MaterializeResult[Any] | dg.AssetCheckResult


def build_marts_definitions(settings: Settings) -> dg.Definitions:
    """Marts and checks; nothing of dbt is imported before the step runs."""
    known = marts()

    @dg.multi_asset(
        name="marts",
        specs=[_spec(mart) for mart in known],
        check_specs=[
            dg.AssetCheckSpec(
                test.name,
                asset=mart.name,
                description=test.description + (_STOPS if test.blocking else ""),
            )
            for mart in known
            for test in mart.tests
        ],
        can_subset=True,
        pool="warehouse",
        description="Builds all marts into a fresh DuckDB file and swaps it in.",
    )
    def marts_step(
        context: dg.AssetExecutionContext, house: dg.ResourceParam[House]
    ) -> Iterator[Event]:
        """One dbt build, whatever part is asked for: the marts are one file."""
        say_process(context)
        try:
            made = _built(context, house.settings)
        except MartsRefused as refused:
            yield from _checks(context, refused.tests)
            raise _failure(refused) from refused
        context.log.info(
            f"marts {'reused' if made.reused else f'built in {made.seconds} s'}: {made.tables}"
        )
        for mart in known:
            if dg.AssetKey(mart.name) in context.selected_asset_keys:
                yield _result(mart, made, house.settings)
        yield from _checks(context, made.tests)

    return dg.Definitions(assets=[marts_step])


def _built(context: dg.AssetExecutionContext, settings: Settings) -> MartsMade:
    """Build and tell who listens; a service is tried once more."""
    try:
        made = build_marts(settings)
    except BooktuneError as problem:
        if isinstance(problem, ServiceDown) and context.op_execution_context.retry_number == 0:
            raise dg.RetryRequested(max_retries=1, seconds_to_wait=10) from problem
        tell(Outcome("marts", "marts", "failed", None, problem))
        if isinstance(problem, MartsRefused):
            raise
        raise _failure(problem) from problem
    status = "reused" if made.reused else "made"
    tell(Outcome("marts", made.inputs, status, None, None, made.seconds))
    return made


def _failure(problem: BooktuneError) -> dg.Failure:
    return dg.Failure(str(problem), allow_retries=False)


_STOPS = ". Rows that it finds keep the new marts from being used."


def _spec(mart: Mart) -> dg.AssetSpec:
    behind = {name: table.asset for name, table in TABLES.items()} | MADE_FROM
    upstream = dict.fromkeys(behind[name] for name in mart.tables if name in behind)
    columns = [
        dg.TableColumn(name, type=kind, description=words) for name, kind, words in mart.columns
    ]
    sql = (DBT / "models" / f"{mart.name}.sql").read_text().strip()
    return dg.AssetSpec(
        mart.name,
        deps=list(upstream),
        description=f"{mart.description}.\n\n```sql\n{sql}\n```",
        metadata={"dagster/column_schema": dg.TableSchema(columns=columns)},
        group_name="marts",
        kinds={"dbt", "duckdb"},
        owners=["team:data"],
        code_version=f"marts.{project_digest()[:8]}",
        skippable=True,
    )


def _result(mart: Mart, made: MartsMade, settings: Settings) -> dg.MaterializeResult[Any]:
    rows = made.tables[mart.name]
    shown: dict[str, Any] = {
        "dagster/row_count": rows,
        "rows": rows,
        "seconds": made.seconds,
        "reused": made.reused,
        "path": dg.MetadataValue.path(settings.warehouse),
    }
    if settings.preview_rows and rows:
        shown["preview"] = dg.MetadataValue.md(_preview(mart, settings))
    if made.misfits:
        shown["left out (older layout)"] = dg.MetadataValue.md(
            "\n".join(f"- `{name}`" for name in made.misfits)
        )
    return dg.MaterializeResult(
        asset_key=mart.name, metadata=shown, data_version=dg.DataVersion(made.inputs)
    )


def _checks(
    context: dg.AssetExecutionContext, tests: list[Checked]
) -> Iterator[dg.AssetCheckResult]:
    wanted = {(key.asset_key, key.name) for key in context.selected_asset_check_keys}
    for test in tests:
        if (dg.AssetKey(test.mart), test.name) not in wanted:
            continue
        yield dg.AssetCheckResult(
            passed=test.passed,
            asset_key=test.mart,
            check_name=test.name,
            severity=dg.AssetCheckSeverity.ERROR if test.blocking else dg.AssetCheckSeverity.WARN,
            description=test.message or None,
            metadata={"rows found": test.failures, "status": test.status},
        )


def _preview(mart: Mart, settings: Settings) -> str:
    """The first rows, one list each: tables of twenty columns cannot be read in a dialog."""
    rows = first_rows(settings, mart.name, settings.preview_rows)
    parts = [
        "\n".join(f"- **{name}**: `{_cell(value)}`" for name, value in row.items()) for row in rows
    ]
    return "\n\n---\n\n".join(parts)


def _cell(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    flat = " ".join(text.replace("`", "'").split())
    return flat if len(flat) <= CELL_CHARS else f"{flat[:CELL_CHARS]}…"

"""The dbt project as data: marts, columns, tests and sources, without importing dbt.

Belongs here: reading ``dbt/models/models.yml``, writing ``dbt/models/sources.yml`` from the
contracts. Does not: running dbt (``dbt_child.py``).

Definitions have to load in a few CPU seconds, and parsing with dbt alone takes longer than that.

    python docs/generate.py      # writes sources.yml anew, with the reference pages
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import polars as pl
import yaml

from booktune_assets.contracts import Column, Table
from booktune_assets.errors import Code, MissingPrerequisite
from booktune_assets.ids import digest
from booktune_assets.schemas import EDITIONS, TABLES
from booktune_assets.settings import PROJECT

__all__ = [
    "BUILDS", "FAILURES", "MADE_FROM", "Mart", "MartTest", "marts", "project_digest",
    "sources_yaml",
]  # fmt: skip

DBT = PROJECT / "dbt"
_SOURCE = re.compile(r"source\(\s*'lake'\s*,\s*'(\w+)'\s*\)")
_TYPES: dict[object, str] = {
    pl.String: "varchar",
    pl.Int32: "integer",
    pl.Int64: "bigint",
    pl.Float64: "double",
    pl.Boolean: "boolean",
}

BUILDS = Table(
    "lake_builds", "One row per receipt: what is built, and whether its inputs are still the same",
    ("asset", "key"), (
    Column("asset", pl.String, "Asset"),
    Column("key", pl.String, "Book, or id of a set, adapter or evaluation"),
    Column("per_book", pl.Boolean, "Is the key a book?"),
    Column("is_current", pl.Boolean, "Book, or the newest key of its asset"),
    Column("in_step", pl.Boolean, "Are its inputs what they were when it was built?"),
    Column("behind", pl.String, "Inputs that were made anew since, comma-separated"),
    Column("code_version", pl.String, "Version of the code that built it"),
    Column("counts", pl.String, "What was counted, JSON", volatile=True),
    Column("made_at", pl.Float64, "When", "s since 1970", volatile=True),
    Column("seconds", pl.Float64, "Time it took", "s", volatile=True),
))  # fmt: skip
FAILURES = Table(
    "lake_failures", "One row per build that failed", ("asset", "key"), (
    Column("asset", pl.String, "Asset"),
    Column("key", pl.String, "Book, or the asset's name"),
    Column("per_book", pl.Boolean, "Is the key a book?"),
    Column("code", pl.String, "Error code"),
    Column("message", pl.String, "What happened"),
    Column("remedy", pl.String, "What to do"),
    Column("failed_at", pl.Float64, "When", "s since 1970", volatile=True),
))  # fmt: skip

# assets behind the tables that are made for the marts alone
MADE_FROM = {EDITIONS.name: "sections"}


@dataclass(frozen=True, slots=True)
class MartTest:
    """One dbt test; ``mart`` is where it is shown, ``blocking`` whether it stops the swap."""

    name: str
    mart: str
    description: str
    blocking: bool


@dataclass(frozen=True, slots=True)
class Mart:
    """One mart: ``columns`` are (name, type, description), ``tables`` the lake tables it reads."""

    name: str
    description: str
    columns: tuple[tuple[str, str, str], ...]
    tables: tuple[str, ...]
    tests: tuple[MartTest, ...]


def marts() -> list[Mart]:
    """The marts in the order of ``models.yml``."""
    path = DBT / "models" / "models.yml"
    if not path.is_file():
        raise MissingPrerequisite(
            Code.NOT_BUILT, "Run booktune from a checkout: the dbt project is not here", path=path
        )
    raw = yaml.load(path.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    singular = [_singular(test) for test in raw["data_tests"]]
    return [_mart(model, singular) for model in raw["models"]]


def project_digest() -> str:
    """Digest of every file of the dbt project that can change what comes out."""
    files = sorted(path for path in DBT.rglob("*") if path.suffix in (".sql", ".yml"))
    return digest({str(path.relative_to(DBT)): path.read_text() for path in files})


def sources_yaml() -> str:
    """``sources.yml`` as the contracts say it; a test keeps the file equal to this."""
    tables = [*TABLES.values(), EDITIONS, BUILDS, FAILURES]
    head = "# Made from the contracts by `python docs/generate.py`: do not edit.\n"
    source = {
        "name": "lake",
        "description": "Tables of the Parquet lake, as one folder of files each",
        "config": {
            "meta": {"external_location": "{{ env_var('BOOKTUNE_SNAPSHOT') }}/{name}/*.parquet"}
        },
        "tables": [_source_table(table) for table in tables],
    }
    body = yaml.safe_dump(
        {"version": 2, "sources": [source]}, sort_keys=False, allow_unicode=True, width=100
    )
    return head + body


def _mart(model: dict[str, Any], singular: list[MartTest]) -> Mart:
    name = str(model["name"])
    columns = [
        (str(column["name"]), str(column["data_type"]), str(column["description"]))
        for column in model["columns"]
    ]
    own = [
        _generic(name, str(column["name"]), test)
        for column in model["columns"]
        for test in column.get("data_tests", [])
    ]
    sql = (DBT / "models" / f"{name}.sql").read_text()
    tables = tuple(dict.fromkeys(_SOURCE.findall(sql)))
    tests = (*own, *(test for test in singular if test.mart == name))
    return Mart(name, str(model["description"]), tuple(columns), tables, tests)


def _generic(mart: str, column: str, test: dict[str, dict[str, Any]]) -> MartTest:
    (kind, options), *_ = test.items()
    words = {
        "unique": f"{column} is unique",
        "not_null": f"{column} is never null",
        "accepted_values": f"{column} has a known value",
        "relationships": f"{column} is known in the table it refers to",
    }
    severity = options.get("config", {}).get("severity", "error")
    return MartTest(str(options["name"]), mart, words[kind], severity == "error")


def _singular(test: dict[str, Any]) -> MartTest:
    config = test["config"]
    blocking = config.get("severity", "error") == "error"
    return MartTest(
        str(test["name"]), str(config["meta"]["asset"]), str(test["description"]), blocking
    )


def _source_table(table: Table) -> dict[str, Any]:
    made: dict[str, Any] = {"name": table.name, "description": table.description}
    meta: dict[str, Any] = {"dagster": {"asset_key": [table.asset]}}
    if table.refs:
        meta["refs"] = [
            {"column": ref.column, "table": ref.table, "target": ref.target} for ref in table.refs
        ]
    if table.asset in {known.asset for known in TABLES.values()}:
        made["config"] = {"meta": meta}
    made["columns"] = [
        {
            "name": column.name,
            "data_type": _sql_type(column.dtype),
            "description": f"{column.description}{f', {column.unit}' if column.unit else ''}",
        }
        for column in table.columns
    ]
    return made


def _sql_type(dtype: object) -> str:
    """DuckDB's name of a Polars type of the contracts."""
    if isinstance(dtype, pl.List):
        return f"{_sql_type(dtype.inner)}[]"
    if isinstance(dtype, pl.Struct):
        fields = ", ".join(f'"{field.name}" {_sql_type(field.dtype)}' for field in dtype.fields)
        return f"struct({fields})"
    return _TYPES[dtype]

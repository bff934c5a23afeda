"""The warehouse: five marts in one DuckDB file, rebuilt by dbt from the Parquet lake.

Belongs here: taking a consistent picture of the lake (``snapshot.py``), running dbt over it in a
child process (``dbt_child.py``), swapping the finished file in (``build.py``), reading the YAML of
the dbt project without dbt (``project.py``). Does not: Dagster (``assets/marts.py``).

The file is disposable: delete it and ``booktune run`` makes it again.
"""

from booktune_assets.warehouse.build import (
    Checked,
    MartsMade,
    MartsRefused,
    build_marts,
    first_rows,
)
from booktune_assets.warehouse.project import Mart, MartTest, marts

__all__ = [
    "Mart",
    "MartTest",
    "MartsMade",
    "MartsRefused",
    "Checked",
    "build_marts",
    "first_rows",
    "marts",
]

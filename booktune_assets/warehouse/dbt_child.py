"""``dbt build`` in a process of its own.

Belongs here: calling dbt and reading what it wrote about its run. Does not: deciding what the
results mean (``build.py``). Runs only as a child: dbt takes seconds to import and keeps global
state.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from booktune_assets import progress
from booktune_assets.children import child_main

__all__ = ["run"]


def run(spec: dict[str, Any]) -> dict[str, Any]:
    """``{"results": […], "problem": str}`` of a build of ``spec["project"]``.

    ``spec``: ``project`` folder, ``marts`` file to build, ``snapshot`` folder to read, ``target``
    and ``logs`` folders for what dbt writes about itself.
    """
    os.environ.update(
        BOOKTUNE_MARTS=spec["marts"],
        BOOKTUNE_SNAPSHOT=spec["snapshot"],
        DBT_SEND_ANONYMOUS_USAGE_STATS="false",
        DO_NOT_TRACK="1",
    )
    from dbt.cli.main import dbtRunner

    target = Path(spec["target"])
    results = target / "run_results.json"
    results.unlink(missing_ok=True)
    answer = dbtRunner(callbacks=[_tell]).invoke(
        [
            "build", "--no-version-check", "--no-use-colors", "--quiet",
            "--project-dir", spec["project"], "--profiles-dir", spec["project"],
            "--target-path", spec["target"], "--log-path", spec["logs"],
        ]
    )  # fmt: skip
    problem = str(answer.exception) if answer.exception else ""
    if not results.exists():
        return {"results": [], "problem": problem or "dbt left no results"}
    raw = json.loads(results.read_text())
    return {"results": [_result(row) for row in raw["results"]], "problem": problem}


def _tell(event: Any) -> None:
    """Each finished model and test is one step of progress."""
    if event.info.name in ("LogModelResult", "LogTestResult"):
        total = getattr(event.data, "total", 0) or getattr(event.data, "num_models", 0)
        progress.advance("building marts", int(event.data.index), int(total))


def _result(row: dict[str, Any]) -> dict[str, Any]:
    kind, _, rest = str(row["unique_id"]).partition(".")
    return {
        "kind": kind,
        "name": rest.split(".")[1],
        "status": row["status"],
        "failures": row.get("failures"),
        "message": row.get("message") or "",
        "seconds": row.get("execution_time") or 0.0,
    }


if __name__ == "__main__":
    child_main(run)

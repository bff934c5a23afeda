"""The graph is photographed: a renamed asset or a lost edge is a visible difference in review."""

import dagster as dg
import pytest

from booktune_assets.definitions import build_defs
from booktune_assets.settings import Settings


@pytest.fixture
def defs(tmp_path) -> dg.Definitions:
    return build_defs(Settings(home=tmp_path))


def test_assets_are_as_photographed(defs, snapshot):
    graph = defs.resolve_asset_graph()
    photo = {}
    for key in sorted(graph.get_all_asset_keys(), key=str):
        node = graph.get(key)
        if not node.is_executable:
            continue
        photo[key.to_user_string()] = {
            "deps": sorted(parent.to_user_string() for parent in node.parent_keys),
            "group": node.group_name,
            "partitions": node.partitions_def and node.partitions_def.name,
            "kinds": sorted(node.kinds),
            "owners": sorted(node.owners),
            "pools": sorted(node.pools or ()),
            "backfill": str(node.backfill_policy),
            "automatic": node.automation_condition is not None,
            "columns": [c.name for c in node.metadata["dagster/column_schema"].columns],
            "checks": sorted(check.name for check in node.check_keys),
        }
    assert photo == snapshot


def test_jobs_and_sensors_are_as_photographed(defs, snapshot):
    jobs = {
        job.name: sorted(key.to_user_string() for key in job.asset_layer.executable_asset_keys)
        for job in defs.resolve_all_job_defs()
        if not job.name.startswith("__")
    }
    sensors = {
        sensor.name: (sensor.job_name, sensor.default_status.value, sensor.minimum_interval_seconds)
        for sensor in defs.sensors or []
    }
    assert {"jobs": jobs, "sensors": sensors} == snapshot


def test_every_asset_says_what_a_row_is(defs):
    graph = defs.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        if node.is_executable and node.group_name != "marts":
            assert node.description
            assert len(node.check_keys) <= 4


def test_nothing_that_loads_a_model_starts_by_itself(defs):
    targets = {
        key.to_user_string()
        for sensor in defs.sensors or []
        for key in defs.resolve_job_def(sensor.job_name).asset_layer.executable_asset_keys
    }
    assert not targets & {"rehearsal_set", "lora_adapter", "eval_report"}

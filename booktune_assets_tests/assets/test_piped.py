"""Dagster Pipes: real children under an in-memory instance, and one that nobody relays."""

import json
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster_pipes import encode_param

from booktune_assets import progress
from booktune_assets.assets import stages
from booktune_assets.assets.piped import piped
from booktune_assets.chain.house import House, Outcome
from booktune_assets.children import run_child
from booktune_assets.errors import BookError, BooktuneError, Code
from booktune_assets.lake import Receipt, write_json
from booktune_assets.settings import Settings

CHILD = """
import os, subprocess, sys, time
from booktune_assets import pipes, progress
from booktune_assets.children import child_main
from booktune_assets.errors import BookError, Code

def run(spec):
    for n in range(1, 41):
        progress.advance("counting", n, 40, f"loss {1 / n:.2f}", eta=40.0 - n)
        if pipes.due("figures", n, 40):
            pipes.figures({"step": n, "loss": 1 / n})
    limit = time.monotonic() + 20
    while spec.get("until") and not os.path.exists(spec["until"]) and time.monotonic() < limit:
        time.sleep(0.01)
    if spec.get("fail"):
        raise BookError(Code.NAN_LOSS, "Lower it", step=7)
    pipes.result({"loss_last": 0.025, "part": spec["part"]})
    inner = [sys.executable, "-c", "import os; print([n for n in os.environ if 'PIPES' in n])"]
    said = subprocess.run(inner, capture_output=True, text=True)
    return {"grandchild": said.stdout.strip(), "dagster": "dagster" in sys.modules}

child_main(run)
"""


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "piped_child.py").write_text(textwrap.dedent(CHILD))
    monkeypatch.syspath_prepend(str(folder))
    return "piped_child"


def materialised(body: Any) -> tuple[dg.ExecuteInProcessResult, list[str]]:
    """An asset ``thing`` whose body is given, and the messages of its run's log."""

    @dg.asset
    def thing(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        return body(context)

    with dg.DagsterInstance.ephemeral() as instance:
        done = dg.materialize([thing], instance=instance, raise_on_error=False)
        lines = [entry.user_message for entry in instance.all_logs(done.run_id)]
        seen = instance.fetch_observations(dg.AssetKey("thing"), limit=100).records
        done.seen = [  # type: ignore[attr-defined]
            {name: one.value for name, one in record.asset_observation.metadata.items()}
            for record in reversed(seen)
        ]
        return done, lines


def test_a_child_writes_its_own_log_and_figures(child: str, tmp_path: Path) -> None:
    answers: list[dict[str, Any]] = []
    seen, go = dg.AssetKey("thing"), tmp_path / "go"

    def body(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        def tick(one: progress.Tick) -> None:
            """Lets the child end when all of its figures are in the store: they came before."""
            limit = time.monotonic() + 10
            while one.done == 40 and not go.exists() and time.monotonic() < limit:
                if len(context.instance.fetch_observations(seen, limit=99).records) == 11:
                    go.touch()

        with piped(context, "thing") as channel, progress.sink(tick):
            for part in ("first", "last"):
                answers.append(run_child(child, {"part": part, "until": str(go)}, tmp_path / part))
                assert go.exists() and not channel.open
        return dg.MaterializeResult(metadata=channel.metadata)

    done, lines = materialised(body)
    assert done.success, lines
    told = [line for line in lines if line.startswith("counting")]
    assert len(told) == 2 * 11  # the first and each tenth of both
    assert told[-1] == "counting 40/40 (100 %) — loss 0.03"
    assert "36 s to go" in next(line for line in told if line.startswith("counting 4/40"))
    assert len([line for line in lines if "[pipes] external process successfully" in line]) == 2
    assert not [line for line in lines if "did not receive" in line]
    assert [one["step"] for one in done.seen][:11] == [1, *range(4, 41, 4)]  # type: ignore[attr-defined]
    assert {one["run"] for one in done.seen} == {done.run_id}  # type: ignore[attr-defined]
    (event,) = done.asset_materializations_for_node("thing")
    assert event.metadata["part"].value == "last"
    assert event.metadata["loss_last"].value == 0.025
    for answer in answers:
        assert (answer["grandchild"], answer["dagster"]) == ("[]", False)


def test_a_fault_keeps_its_class_and_its_trace_is_in_the_log(child: str, tmp_path: Path) -> None:
    caught: list[BooktuneError] = []

    def body(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        with piped(context, "thing"), pytest.raises(BookError) as found:
            run_child(child, {"part": "", "fail": True}, tmp_path / "work")
        caught.append(found.value)
        return dg.MaterializeResult()

    done, lines = materialised(body)
    assert done.success and caught[0].code is Code.NAN_LOSS and caught[0].where["step"] == "7"
    assert any("pipes closed with exception" in line for line in lines)


def test_a_child_that_is_stopped_leaves_no_thread_and_what_it_had_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    (tmp_path / "slow_child.py").write_text(
        "import time\nfrom booktune_assets import progress\n"
        "from booktune_assets.children import child_main\n"
        "def run(spec):\n    progress.advance('waiting', 1, 9)\n    time.sleep(60)\n    return {}\n"
        "child_main(run)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(threading.enumerate())

    def body(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        with piped(context, "thing"), pytest.raises(BooktuneError) as found:
            run_child("slow_child", {}, tmp_path / "work", seconds=1.5)
        assert found.value.code is Code.CHILD_FAILED
        assert not [t for t in set(threading.enumerate()) - before if "_reader" in t.name]
        return dg.MaterializeResult()

    done, lines = materialised(body)
    assert done.success, lines
    assert any(line.startswith("waiting 1/9") for line in lines)


def test_steps_that_start_no_child_open_no_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House.open(Settings(home=tmp_path))
    receipt = Receipt("lora_adapter", "k", "v", "", {}, {}, {}, {}, {}, 0.0, 0.0)

    def build(*_: Any, **__: Any) -> Outcome:
        progress.advance("looking", 1, 1)
        return Outcome("thing", "k", "reused", receipt)

    monkeypatch.setattr(stages, "build", build)
    monkeypatch.setattr(stages, "shown", lambda *_: {"rows": 1})
    done, lines = materialised(lambda context: stages.made(context, "thing", house))
    assert done.success, lines
    assert any(line.startswith("looking") for line in lines), "nobody else writes it"
    assert not [line for line in lines if "[pipes]" in line]


def test_what_children_told_joins_the_asset(
    child: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House.open(Settings(home=tmp_path))
    receipt = Receipt("lora_adapter", "k", "v", "", {}, {}, {}, {}, {}, 0.0, 0.0)

    def build(*_: Any, **__: Any) -> Outcome:
        run_child(child, {"part": "books"}, tmp_path / "work")
        return Outcome("thing", "k", "made", receipt)

    monkeypatch.setattr(stages, "build", build)
    monkeypatch.setattr(stages, "shown", lambda *_: {"rows": 1})
    done, lines = materialised(lambda context: stages.made(context, "thing", house))
    assert done.success, lines
    (event,) = done.asset_materializations_for_node("thing")
    assert {name: event.metadata[name].value for name in ("rows", "part")} == {
        "rows": 1, "part": "books",
    }  # fmt: skip
    counted = [line for line in lines if line.startswith("counting")]
    assert len(counted) == 11, "written once: by the child, not by its parent too"


def test_a_child_on_another_machine_speaks_on_standard_output(child: str, tmp_path: Path) -> None:
    """As a pod of ``PipesK8sClient`` does: nothing of the parent's side of ours is there."""
    write_json(tmp_path / "spec.json", {"part": "pod"})
    context = {"asset_keys": ["thing"], "run_id": "r", "extras": {}, "retry_number": 0}
    done = subprocess.run(
        [sys.executable, "-m", child, str(tmp_path / "spec.json"), str(tmp_path / "result.json")],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
            "DAGSTER_PIPES_CONTEXT": encode_param({"data": context}),
            "DAGSTER_PIPES_MESSAGES": encode_param({"stdio": "stdout"}),
        },
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    spoken = [line for line in lines if "__dagster_pipes_version" in line]
    methods = [line["method"] for line in spoken]
    assert methods[0] == "opened" and methods[-1] == "closed"
    assert {"log", "report_custom_message", "report_asset_materialization"} < set(methods)
    assert json.loads((tmp_path / "result.json").read_text())["grandchild"] == "[]"

"""Tasks of lm-evaluation-harness: rows by item, reasons for what is missing, the real one."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from booktune_assets.evaluation import child, harness
from booktune_assets.evaluation.harness import files_digest, tasks_named, version
from booktune_assets.evaluation.lm_eval_script import rows_of
from booktune_assets.evaluation.run import evaluate
from booktune_assets.evaluation.suite import Given
from booktune_assets.evaluation.suites.lm_eval import LmEval
from booktune_assets.ids import stable_int
from booktune_assets.llm.engine import open_engine
from booktune_assets.llm.models import BaseModel
from booktune_assets.llm.tiny import make_tiny_model
from booktune_assets.settings import Evaluation
from booktune_assets_tests.evaluation.echo import spec_of

PYTHON = os.environ.get("BOOKTUNE_LM_EVAL_PYTHON") or (
    sys.executable if importlib.util.find_spec("lm_eval") else ""
)
CHOICE = """task: sums
dataset_path: json
dataset_kwargs: {data_files: {test: sums.jsonl}}
test_split: test
output_type: multiple_choice
doc_to_text: "{{question}}"
doc_to_choice: "{{options}}"
doc_to_target: right
metric_list: [{metric: acc}]
"""
ROLLING = """task: rolling
dataset_path: json
dataset_kwargs: {data_files: {test: texts.jsonl}}
test_split: test
output_type: loglikelihood_rolling
doc_to_text: ""
doc_to_target: "{{text}}"
metric_list: [{metric: bits_per_byte}]
"""
N = 10
# no two windows alike: the harness reuses what it computed for tokens that it saw before, even
# where another part of them is asked for
TEXTS = [
    f"Text {n}: " + " ".join(f"{stable_int(f'{n}.{k}') % 10**6} hills" for k in range(8 + 6 * n))
    for n in range(9)
]


def test_rows_take_one_metric_and_one_filter() -> None:
    same = {"doc_id": 3, "arguments": [["ask", "x"]], "filtered_resps": ["y"], "target": "z"}
    both = {**same, "metrics": ["acc", "acc_norm"], "acc": 0.0, "acc_norm": 1.0, "filter": "none"}
    strict = {**same, "metrics": ["exact_match"], "exact_match": 1.0, "filter": "strict"}
    loose = strict | {"exact_match": 0.0, "filter": "flexible"}
    text = {**same, "metrics": ["word_perplexity", "bits_per_byte"], "filter": "none",
            "word_perplexity": (-9.0, 3), "bits_per_byte": (-9.0, 12)}  # fmt: skip
    rows = rows_of({"b": [both], "a": [strict, loose], "c": [text], "d": []})
    assert [row[:5] for row in rows] == [
        ["a", 3, "exact_match", 1.0, 1.0], ["b", 3, "acc_norm", 1.0, 1.0],
        ["c", 3, "bits_per_byte", -9.0, 12.0],
    ]  # fmt: skip
    with pytest.raises(ValueError, match="no metric that one item has"):
        rows_of({"f": [{**same, "metrics": ["f1"], "f1": (1, 2)}]})


def test_what_is_missing_is_said() -> None:
    suite = LmEval()
    assert suite.items(Given(Evaluation())) == [] and "no tasks are named" in suite.skipped()
    for python in ("/nowhere/python", "/bin/true"):
        wanted = Evaluation(lm_eval_tasks=["arc_easy"], lm_eval_python=python)
        assert suite.items(Given(wanted)) == [] and "pip install" in suite.skipped()


def test_tasks_are_names_files_and_folders(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "_shared.yaml", "data.jsonl"):
        (tmp_path / name).write_text(name)
    names = tasks_named(["hellaswag", str(tmp_path), str(tmp_path / "b.yaml")])
    assert names == ["hellaswag", str(tmp_path / "a.yml"), str(tmp_path / "b.yaml")]
    before = files_digest(names[1])
    assert files_digest("hellaswag") == ""
    (tmp_path / "data.jsonl").write_text("changed")
    assert files_digest(names[1]) != before


def test_a_failed_task_has_its_reason_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    said: dict[str, Any] = {"good": [["good", 0, "acc", 1.0, 1.0, "p", "a", "t"]]}

    def run_tasks(*given: Any) -> dict[str, Any]:
        asked.append(given[3])
        return {task: said.get(task, {"error": "no data here"}) for task in given[3]}

    monkeypatch.setattr(child, "run_tasks", run_tasks)
    spec = {
        "model": "m", "adapter": "a", "cache": str(tmp_path), "seed": 0, "arms": ["base", "tuned"],
        "who": {"base": "b", "tuned": "t"}, "lm_eval": {"python": "p", "limit": 5},
        "items": [{"id": name, "ask": "harness", "text": json.dumps({"task": name})}
                  for name in ("good", "gone")],
    }  # fmt: skip
    made = child.run(spec)
    assert asked == [["good", "gone"]] * 2 and made["asked"] == 4
    child.run(spec)
    assert asked[2:] == [["gone"]] * 2
    suite = LmEval()
    monkeypatch.setattr("booktune_assets.evaluation.suites.lm_eval.version", lambda _: "0.4")
    items = suite.items(Given(Evaluation(lm_eval_tasks=["good", "gone"])))
    rows = suite.score(items, made["replies"])
    assert [(one.item_id, one.score, one.status) for one in rows[:2]] == [
        ("good/0", 100.0, "ok"), ("gone", None, "not_run"),
    ]  # fmt: skip
    assert suite.skipped() == "gone was not run: no data here"


def test_a_process_that_dies_is_a_reason(tmp_path: Path) -> None:
    found = harness.run_tasks("/bin/false", "m", None, ["one", "two"], 3, tmp_path)
    assert set(found) == {"one", "two"} and "exit code 1" in found["one"]["error"]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(
    not PYTHON,
    reason="no lm-eval here: name an interpreter that has it in BOOKTUNE_LM_EVAL_PYTHON",
)
def test_the_real_harness_is_paired_by_item_and_agrees_on_bits_per_byte(
    adapter: Path, tmp_path: Path
) -> None:
    assert version(PYTHON)
    tasks = tmp_path / "tasks"
    tasks.mkdir()
    (tasks / "sums.yaml").write_text(CHOICE)
    (tasks / "rolling.yaml").write_text(ROLLING)
    (tasks / "gone.yaml").write_text(CHOICE.replace("sums", "gone"))  # its data is not there
    sums = [{"question": f"{n} + {n} =", "options": [f" {2 * n}", f" {n}"], "right": 0}
            for n in range(N)]  # fmt: skip
    texts = [{"text": text} for text in TEXTS]
    for name, rows in (("sums", sums), ("texts", texts)):
        (tasks / f"{name}.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    # without a start token of its own the harness scores none, as we do; and long texts roll
    model = BaseModel("small", make_tiny_model(tmp_path / "model", positions=200), "r")
    _no_second_start(model.path)
    wanted = Evaluation(lm_eval_tasks=[str(tasks)], lm_eval_python=PYTHON,
                        lm_eval_limit=100, bootstrap=500)  # fmt: skip
    spec = spec_of(tmp_path, model=model, adapter=adapter, evaluation=wanted, suites=["lm_eval"])
    made = evaluate(spec, tmp_path / "work")
    table = {row["metric"]: row for row in made.frames["eval_report"].to_dicts()}
    assert table["accuracy"]["n"] == N and table["bits_per_byte"]["n"] == len(TEXTS)
    assert table["bits_per_byte"]["base"] != table["bits_per_byte"]["tuned"]
    assert "gone.yaml was not run: FileNotFoundError" in table["accuracy"]["verdict"]
    items = made.frames["eval_report__items"].filter(pl.col("metric") == "bits_per_byte")
    engine: Any = open_engine(model.path, adapter)
    for arm in ("base", "tuned"):
        with engine.with_adapter(arm == "tuned"):
            ours = [one.nats / math.log(2) / one.bytes for one in engine.score(TEXTS)]
        theirs = items.filter(pl.col("arm") == arm).sort("item_id")["score"].to_list()
        assert theirs == pytest.approx(ours, rel=1e-3)


def _no_second_start(folder: Path) -> None:
    path = folder / "tokenizer.json"
    tokenizer = json.loads(path.read_text())
    path.write_text(json.dumps(tokenizer | {"post_processor": None}))

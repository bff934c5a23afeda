"""Models, servers and files that misbehave: each item has a row and a status, and stays in n.

Through the command line and a local server that answers as it is told, on a home with a real book.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import Any

import polars as pl
import psutil
import pytest
from click.testing import CliRunner, Result

from booktune_assets.chain.build import build
from booktune_assets.chain.house import BOOK_STAGES, House
from booktune_assets.cli import cli
from booktune_assets.evaluation.items import samples_of
from booktune_assets.lake import Lake
from booktune_assets.settings import PROJECT, Evaluation, Pairs, Settings
from booktune_assets_tests.builders import publish_models
from booktune_assets_tests.llm.fake_server import Answer, Fake, fake_server

BOOK = "first-steps-on-the-beam"
N = 12  # questions that are asked, at least
TOML = (
    "[pairs]\nexecute = false\nheldout_percent = 30\n"
    "[llm]\nretries = 0\nseconds_per_call = 60.0\nconcurrency = 4\n"
    "[evaluation]\nanswers = 16\nshort_answers = 8\nchoices = 0\nretrieval = 2\nregurgitation = 3\n"
    "verbatim = 2\nproblems = 0\notp = 0\nbootstrap = 200\n"
)
BAD = {
    "empty": " \n",
    "loops": "and so on it goes " * 30,
    "language": "Der Prozess ist eine kleine Einheit, und er wird von einem anderen Prozess mit "
                "einer Nachricht geweckt, wenn es nicht anders geht.",
    "template": "Sure.\n<|im_end|>\n<|im_start|>user\nWhat else?<|im_end|>",
    "ok": "A process keeps its own state.",
}  # fmt: skip
FOREIGN = "\N{HIRAGANA LETTER KA}" * 30  # no word of it in any table


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the sample book up to its data set, and an adapter in the lake."""
    home = tmp_path_factory.mktemp("shelf") / "home"
    (home / "books").mkdir(parents=True)
    shutil.copy(PROJECT / "data" / "books" / "sample" / f"{BOOK}.md", home / "books")
    (home / "booktune.toml").write_text(TOML)
    wanted = Settings(home=home, pairs=Pairs(execute=False, heldout_percent=30))
    house = House.open(wanted)
    assert {build(asset, BOOK, house).status for asset in BOOK_STAGES} == {"made"}
    publish_models(house.lake, build("sharegpt_set", None, house).key)
    return home


def call(home: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--home", str(home), *words])


def questions(fake: Fake) -> list[str]:
    return [body["messages"][-1]["content"] for body in fake.bodies if "messages" in body]


def rows_in(out: Path) -> pl.DataFrame:
    return pl.read_parquet(out / "eval_report__items.parquet")


@pytest.mark.parametrize(("status", "text"), BAD.items())
def test_what_is_wrong_with_an_answer_has_a_name(status: str, text: str) -> None:
    assert samples_of([text]) == [(text, status)]


def test_what_was_thought_is_not_what_was_said() -> None:
    thought = "<think>\nThe old words of the book, perhaps?\n</think>\n\n"
    assert samples_of([f"{thought}Ten."]) == [("Ten.", "ok")]
    assert samples_of([f"{thought}Ten."], whole=True) == [(f"{thought}Ten.", "ok")]
    assert samples_of([thought]) == [("", "empty")]
    assert samples_of([thought[:20]]) == [(thought[:20], "thought")]
    page = "Write `<think>` and `</think>` around it."
    assert samples_of([page]) == [(page, "ok")]


def test_code_is_of_no_natural_language() -> None:
    code = "def run(list) do\n  for x <- list, do: x\nend\n" * 2
    for text in (code, f"It is this:\n```elixir\n{code}```", "`do` and `end`", "[:a, :b]"):
        assert samples_of([text])[0][1] in ("ok", "loops")
    assert samples_of([FOREIGN])[0][1] == "language"
    html = '~H"""\n<s>old</s> <start>\n"""'
    assert samples_of([html])[0][1] == "ok"


def test_every_suite_that_a_server_can_answer_runs_on_the_books(
    shelf: Path, tmp_path: Path
) -> None:
    kinds, given, turn = list(BAD), dict[str, str](), Lock()

    def act(_: int, body: dict[str, Any]) -> Answer:
        if "messages" not in body:
            return Answer("x")
        question = body["messages"][-1]["content"]
        with turn:  # in turns, and not by the words: then each kind is among them
            kind = given.setdefault(question, kinds[len(given) % len(kinds)])
        return Answer(BAD[kind])

    with fake_server(act) as fake:
        made = call(shelf, "eval", "--model", fake.base_url, "--name", "m", "--out", str(tmp_path))
        assert made.exit_code == 0, made.output
        asked = Counter(questions(fake))
    report = {(row["suite"], row["metric"]): row
              for row in pl.read_parquet(tmp_path / "eval_report.parquet").to_dicts()}  # fmt: skip
    rows = rows_in(tmp_path)
    for suite, metric in (("heldout_answers", "chrf"), ("short_answers", "exact"),
                          ("regurgitation", "over_limit"), ("retrieval", "chrf_gain"),
                          ("verbatim", "given_back")):  # fmt: skip
        own = rows.filter((pl.col("suite") == suite) & (pl.col("metric") == metric))
        assert own.height == report[suite, metric]["n"] > 0, suite
        assert own["score"].null_count() == 0
    assert report["book_sections", "bits_per_byte"]["n"] == 0, "the server scores no texts"
    chrf = rows.filter(pl.col("metric") == "chrf")
    assert chrf.height >= N
    for row in chrf.to_dicts():
        assert row["status"] == given[row["prompt"]]
        assert asked[row["prompt"]] == 1
    assert len(set(chrf["status"])) == len(kinds)
    short = rows.filter(pl.col("metric") == "exact").filter(pl.col("suite") == "short_answers")
    bodies = Lake(shelf / "lake").read("sections", BOOK)["text"].to_list()
    assert all(any(gold in text for text in bodies) for gold in short["reference"])
    assert not set(short["status"]) & {"ok"}


def test_an_item_that_is_refused_is_told_and_the_others_go_on(shelf: Path, tmp_path: Path) -> None:
    def act(_: int, body: dict[str, Any]) -> Answer:
        if "messages" in body and sum(body["messages"][-1]["content"].encode()) % 3 == 0:
            return Answer(None, status=400, raw=b'{"error": {"message": "too long"}}')
        return Answer("x" if "prompt" in body else "fine")

    with fake_server(act) as fake:
        made = call(shelf, "eval", "--model", fake.base_url, "--name", "other", "--suite",
                    "heldout_answers", "--out", str(tmp_path), "--json")  # fmt: skip
    assert made.exit_code == 0, made.output
    chrf = rows_in(tmp_path).filter(pl.col("metric") == "chrf")
    lost = [sum(prompt.encode()) % 3 == 0 for prompt in chrf["prompt"]]
    assert 0 < sum(lost) < len(lost)
    assert chrf["score"].is_null().to_list() == lost
    assert set(chrf.filter(pl.Series(lost))["status"]) == {"MODEL_SERVICE"}
    (row,) = [one for one in json.loads(made.stdout)["suites"] if one["metric"] == "chrf"]
    assert row["n"] == len(lost) - sum(lost)
    assert f"{sum(lost)} without a score" in row["verdict"]


def test_a_killed_evaluation_asks_nothing_twice(shelf: Path, tmp_path: Path) -> None:
    gate, reached = threading.Event(), threading.Event()
    given: set[str] = set()

    def act(_: int, body: dict[str, Any]) -> Answer:
        if "messages" not in body:
            return Answer("x")
        question = body["messages"][-1]["content"]
        if len(given) >= N // 2 and not gate.is_set():
            reached.set()
            gate.wait(60)
            return Answer(hang_up=True)
        given.add(question)
        return Answer("fine")

    words = [sys.executable, "-P", "-m", "booktune_assets.cli", "--home", str(shelf), "eval",
             "--name", "killed", "--suite", "heldout_answers", "--out", str(tmp_path)]  # fmt: skip
    env = {**os.environ, "PYTHONPATH": str(PROJECT)}
    with fake_server(act) as fake:
        words += ["--model", fake.base_url]
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(words, env=env, start_new_session=True, stdout=quiet,
                                   stderr=quiet)  # fmt: skip
        assert reached.wait(120)
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)  # its children die with it
        process.wait(30)
        assert not psutil.wait_procs(children, timeout=30)[1]
        finished = set(given)
        with closing(sqlite3.connect(Settings(home=shelf).calls)) as calls:
            (kept,) = calls.execute("SELECT count(*) FROM replies WHERE model='killed'").fetchone()
        assert len(finished) >= N // 2 and not (tmp_path / "eval_report.parquet").exists()
        gate.set()
        fake.bodies.clear()
        made = call(shelf, *words[6:])
        assert made.exit_code == 0, made.output
        again = Counter(questions(fake))
    chrf = rows_in(tmp_path).filter(pl.col("metric") == "chrf")
    assert set(again) | finished == set(chrf["prompt"]) and max(again.values()) == 1
    # what was on its way when it was killed is asked again, what had come is not
    assert 0 < kept <= len(finished) <= kept + 4
    assert again.total() == chrf.height - kept
    assert chrf.height == len(set(chrf["prompt"])) and chrf["score"].null_count() == 0


def test_a_broken_record_is_named(tmp_path: Path) -> None:
    file = tmp_path / "problems.jsonl"
    good = {"id": "one", "language": "elixir", "interface": ["One.one/0"], "tests": "t"}
    file.write_text(f"{json.dumps(good)}\n{{not json\n")
    from booktune_assets.errors import BookError, Code
    from booktune_assets.evaluation.suite import Given
    from booktune_assets.evaluation.suites.problems import Problems

    with pytest.raises(BookError) as caught:
        Problems().items(Given(Evaluation(problems=5), problems=file))
    assert caught.value.code is Code.BAD_ROW
    assert caught.value.where["file"] == "problems.jsonl" and caught.value.where["record"] == 2

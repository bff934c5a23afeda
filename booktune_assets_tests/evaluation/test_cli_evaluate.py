"""``booktune eval`` and ``compare`` over folders and servers: what stops, resumes, counts."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

from booktune_assets.alone import alone
from booktune_assets.chain import measure as chain_measure
from booktune_assets.cli import cli
from booktune_assets.cli.evaluate import say_rows
from booktune_assets.errors import Code, ServiceDown
from booktune_assets.evaluation import served_probe
from booktune_assets.evaluation.suite import Given
from booktune_assets.evaluation.suites.formats import asked_for
from booktune_assets.lake import Lake
from booktune_assets.settings import Evaluation, Llm, Settings
from booktune_assets_tests.llm.fake_server import Answer, Fake, fake_server

N = 20
QUESTIONS = [(f"pair_{n:020x}", f"What is {n}?", f"{n} is a number of its own.") for n in range(N)]
LOOP = "and so on it goes "


def call(home: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--home", str(home), *words])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with held-out questions, and no patience with servers."""

    def given(settings: Settings, _: object) -> tuple[Given, str]:
        texts = {"general_text": [(f"t{n}", f"text {n} about tea") for n in range(9)]}
        return Given(settings.asked, questions=QUESTIONS, general=texts), "no books here"

    monkeypatch.setattr(chain_measure, "_given", given)
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "booktune.toml").write_text(
        "[llm]\nretries = 0\nseconds_per_call = 5.0\nconcurrency = 4\n"
        f"[evaluation]\nanswers = {N}\nbootstrap = 500\n"
    )
    return folder


def answered(body: dict[str, Any], text: str) -> Answer:
    """No echo: the server is asked for likelihoods once and has none."""
    return Answer("x" if "prompt" in body else text)


def asked(fake: Fake) -> list[str]:
    """Questions; not the trifle that shows whether a server that failed is up."""
    turns = [body["messages"][-1]["content"] for body in fake.bodies if "messages" in body]
    return [text for text in turns if text.startswith("What")]


def test_a_server_that_dies_halfway_stops_with_a_code_and_resumes(home: Path) -> None:
    words = ["--name", "m", "--suite", "heldout_answers", "--json"]
    dead: list[bool] = []

    def act(_: int, body: dict[str, Any]) -> Answer:
        if "messages" in body and int(body["messages"][-1]["content"][8:-1]) >= 11 and dead:
            time.sleep(1.0)  # what is in flight when a server dies may be asked again: let it land
            return Answer(hang_up=True)
        return answered(body, "a number")

    dead.append(True)
    with fake_server(act) as fake:
        url = ["eval", "--model", fake.base_url]
        broken = call(home, *url, *words)
        assert broken.exit_code == 3, broken.output
        assert "MODEL_SERVICE" in broken.output
        assert Lake(home / "lake").keys("eval_report") == []
        finished = {text for text in asked(fake) if int(text[8:-1]) < 11}
        assert len(finished) == 11
        dead.clear()
        fake.bodies.clear()
        again = call(home, *url, *words)
        assert again.exit_code == 0, again.output
        repeated = set(asked(fake)) & finished
        assert not repeated and len(asked(fake)) == N - 11
        made = json.loads(again.stdout)
        assert made["suites"][0]["n"] == N
        fake.bodies.clear()
        third = call(home, *url, *words)
        assert json.loads(third.stdout)["suites"] == made["suites"]
        assert asked(fake) == []
    assert Lake(home / "lake").keys("eval_report") == [made["eval_id"]]


def test_the_same_evaluation_twice_at_once_is_refused(home: Path) -> None:
    words = ["--name", "m", "--suite", "heldout_answers"]
    with fake_server(lambda _, body: answered(body, "a number")) as fake:
        wanted = chain_measure.Wanted(fake.base_url, name="m", suites=["heldout_answers"])
        plan = chain_measure.measurement(Settings.load(home), wanted)
        with alone(home / "work" / "eval" / plan.spec.eval_id):
            told = call(home, "eval", "--model", fake.base_url, *words)
        assert told.exit_code == 3 and "BUSY" in told.output, told.output
        assert call(home, "eval", "--model", fake.base_url, *words).exit_code == 0


def test_bad_answers_are_scored_and_stay_in_n(home: Path, tmp_path: Path) -> None:
    bad = ["", LOOP * 30, "これは数字です。", "[INST] [/INST]</s>"]

    def act(_: int, body: dict[str, Any]) -> Answer:
        turns = body.get("messages")
        return answered(body, bad[int(turns[-1]["content"][8:-1]) % 4] if turns else "")

    out = tmp_path / "out"
    with fake_server(act) as fake:
        made = call(home, "eval", "--model", fake.base_url, "--name", "m", "--out", str(out),
                    "--suite", "heldout_answers", "--suite", "general_text")  # fmt: skip
    assert made.exit_code == 0, made.output
    assert "0 without a score" in made.output
    assert "gives no log likelihoods" in " ".join(made.output.split())
    rows = pl.read_parquet(out / "eval_report__items.parquet")
    chrf = rows.filter(pl.col("metric") == "chrf")
    assert chrf.height == N and chrf["score"].null_count() == 0
    kinds = dict(chrf["status"].value_counts().iter_rows())
    assert kinds["empty"] == 5 and kinds["loops"] == 5
    report = pl.read_parquet(out / "eval_report.parquet").filter(pl.col("suite") == "general_text")
    assert report["n"].to_list() == [0]


def test_two_evaluations_are_paired_item_by_item(home: Path, tmp_path: Path) -> None:
    good = {question: answer for _, question, answer in QUESTIONS}

    def act(_: int, body: dict[str, Any]) -> Answer:
        turns = body.get("messages")
        if not turns or body["model"] == "weak":
            return answered(body, "no idea")
        return answered(body, good[turns[-1]["content"]])

    folders = {name: tmp_path / name for name in ("weak", "strong")}
    with fake_server(act) as fake:
        for name, folder in folders.items():
            made = call(home, "eval", "--model", fake.base_url, "--name", name, "--suite",
                        "heldout_answers", "--out", str(folder))  # fmt: skip
            assert made.exit_code == 0, made.output
    found = call(home, "compare", str(folders["weak"]), str(folders["strong"]), "--json")
    row = json.loads(found.stdout)[0]
    assert row["n"] == N and row["low"] > 50
    assert row["verdict"].startswith("better by") and row["p_holm"] < 0.001
    same = call(home, "compare", str(folders["weak"]), str(folders["weak"]), "--json")
    assert json.loads(same.stdout)[0]["verdict"].startswith("no clear difference")
    gone = call(home, "compare", "eval_00", str(folders["weak"]))
    assert gone.exit_code == 1 and "NOT_BUILT" in gone.output


def test_cost_is_told_before_and_nothing_is_asked(home: Path) -> None:
    with fake_server(lambda _, body: answered(body, "x")) as fake:
        made = call(home, "eval", "--model", fake.base_url, "--name", "m", "--limit", "7",
                    "--suite", "heldout_answers", "--dry-run", "--json")  # fmt: skip
        assert asked(fake) == []
    cost = json.loads(made.stdout)["cost"]
    assert cost["items"] == {"heldout_answers": 7}
    assert (cost["calls"], cost["known"]) == (7, 0)


def test_a_server_is_not_asked_for_distances_and_says_why(home: Path) -> None:
    with fake_server(lambda _, body: answered(body, "x")) as fake:
        made = call(home, "eval", "--model", fake.base_url, "--name", "m", "--adapter", "a",
                    "--suite", "drift", "--suite", "formats", "--dry-run", "--json")  # fmt: skip
        assert asked(fake) == []
    cost = json.loads(made.stdout)["cost"]
    assert cost["items"] == {"drift": 0, "formats": len(asked_for())}
    assert "bounds the distance from below" in cost["skipped"]["drift"]


def test_another_model_at_the_same_address_is_asked(tmp_path: Path) -> None:
    name = ["m1"]

    def served(*_: object) -> str:
        if not name:
            raise ServiceDown(Code.MODEL_SERVICE, "Start it")
        return name[0]

    llm, file = Llm(base_url="http://127.0.0.1:9/v1"), tmp_path / "servers.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(served_probe, "served_model", served)
        patch.setattr(served_probe, "lacking", lambda *_: "no echo")
        asked = [served_probe.probe(llm, "", "", "", file) for _ in range(2)]
        assert [(one.model, one.kept) for one in asked] == [("m1", False), ("m1", True)]
        name[0] = "m2"
        other = served_probe.probe(llm, "", "", "", file)
        assert (other.model, other.lacks, other.kept) == ("m2", "no echo", False)
        name.clear()
        assert served_probe.probe(llm, "", "", "", file).model == "m2"
        assert served_probe.probe(llm, "", "m1", "", file).kept
        with pytest.raises(ServiceDown):
            served_probe.probe(llm, "", "", "", file, again=True)


def test_another_server_with_a_model_of_the_same_name_is_asked(home: Path) -> None:
    words = ["eval", "--name", "default", "--suite", "heldout_answers", "--json"]
    found: list[dict[str, Any]] = []
    for text in ("a number", "its own"):

        def act(_: int, body: dict[str, Any], text: str = text) -> Answer:
            return answered(body, text)

        with fake_server(act) as fake:
            made = call(home, *words, "--model", fake.base_url)
            assert made.exit_code == 0, made.output
            assert len(asked(fake)) == N
        found.append(json.loads(made.stdout))
    assert found[0]["suites"][0]["base"] != found[1]["suites"][0]["base"]
    assert found[0]["eval_id"] != found[1]["eval_id"]


def test_what_a_server_cannot_do_and_a_home_has_not_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    with fake_server(lambda _, body: Answer("x", status=404 if "prompt" in body else 200)) as fake:
        made = call(tmp_path, "eval", "--model", fake.base_url, "--name", "m", "--suite",
                    "general_text", "--suite", "book_choice", "--dry-run", "--json")  # fmt: skip
    assert made.exit_code == 0, made.output
    said = json.loads(made.stdout)["cost"]["skipped"]
    assert said["general_text"].startswith("the server gives no log likelihoods of a given text")
    assert said["book_choice"].startswith("this home has no books")


def test_an_item_that_breaks_the_server_is_lost_alone(home: Path, tmp_path: Path) -> None:
    def act(_: int, body: dict[str, Any]) -> Answer:
        if "messages" in body and body["messages"][-1]["content"] == "What is 13?":
            return Answer(None, status=500, raw=b"boom")
        return answered(body, "a number")

    words = ["eval", "--name", "m", "--suite", "heldout_answers", "--json"]
    with fake_server(act) as fake:
        words += ["--model", fake.base_url]
        made = call(home, *words, "--out", str(tmp_path))
        assert made.exit_code == 0, made.output
        fake.bodies.clear()
        again = call(home, *words)
        assert not fake.bodies
    rows = pl.read_parquet(tmp_path / "eval_report__items.parquet").filter(metric="chrf")
    lost = rows.filter(pl.col("score").is_null())
    assert rows.height == N and lost["prompt"].to_list() == ["What is 13?"]
    assert lost["status"].to_list() == ["MODEL_SERVICE"]
    (row,) = [one for one in json.loads(made.stdout)["suites"] if one["metric"] == "chrf"]
    assert row["n"] == N - 1 and "1 without a score" in row["verdict"]
    assert json.loads(again.stdout)["suites"] == json.loads(made.stdout)["suites"]


def test_a_server_that_fails_at_everything_stops_all(home: Path) -> None:
    def act(_: int, body: dict[str, Any]) -> Answer:
        return Answer(None, status=500, raw=b"boom") if "messages" in body else Answer("x")

    with fake_server(act) as fake:
        made = call(home, "eval", "--model", fake.base_url, "--name", "m", "--limit", "2",
                    "--suite", "heldout_answers")  # fmt: skip
    assert made.exit_code == 3 and "MODEL_SERVICE" in made.output


def test_a_wrong_address_or_key_stops_all_and_is_not_kept(home: Path) -> None:
    closed = [True]

    def act(_: int, body: dict[str, Any]) -> Answer:
        if closed:
            return Answer(None, status=401, raw=b'{"error": {"message": "who are you"}}')
        return answered(body, "a number")

    with fake_server(act) as fake:
        words = ["eval", "--model", fake.base_url, "--name", "m", "--suite", "heldout_answers"]
        made = call(home, *words)
        assert made.exit_code == 2 and "BAD_SETTING" in made.output, made.output
        assert "api_key_env" in made.output and "who are you" in made.output
        closed.clear()
        made = call(home, *words, "--json")
    assert made.exit_code == 0, made.output
    assert json.loads(made.stdout)["suites"][0]["n"] == N


def test_a_server_without_completions_is_asked_chats(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"block_id": f"b{n}", "section_id": f"s{n}", "text": "a\nb\nc\nd\ne\nf\n"}
            for n in range(3)]  # fmt: skip
    given = Given(Evaluation(answers=N, verbatim=3), questions=QUESTIONS, listings=rows)
    monkeypatch.setattr(chain_measure, "_given", lambda *_: (given, ""))

    def act(_: int, body: dict[str, Any]) -> Answer:
        return Answer("a number") if "messages" in body else Answer(None, status=404, raw=b"no")

    with fake_server(act) as fake:
        made = call(home, "eval", "--model", fake.base_url, "--name", "m", "--suite",
                    "heldout_answers", "--suite", "verbatim", "--json")  # fmt: skip
    assert made.exit_code == 0, made.output
    found = {row["suite"]: row for row in json.loads(made.stdout)["suites"]}
    assert found["verbatim"]["n"] == 0 and "MODEL_SERVICE" in found["verbatim"]["verdict"]
    assert found["heldout_answers"]["n"] == N


def echoing(_: int, body: dict[str, Any]) -> Answer:
    """Echoes every text but one."""
    said = str(body.get("prompt"))
    if "text 3" in said:
        return Answer(None, status=500, raw=b"boom")
    if "echo" not in body:
        return Answer("x", status=404)
    told = {"tokens": [said, "!"], "token_logprobs": [-4.0, -1.0]}
    return Answer(None, raw=json.dumps({"choices": [{"logprobs": told}]}).encode())


def test_a_text_that_breaks_the_server_is_lost_alone(home: Path, tmp_path: Path) -> None:
    with fake_server(echoing) as fake:
        made = call(home, "eval", "--model", fake.base_url, "--name", "m", "--suite",
                    "general_text", "--out", str(tmp_path), "--json")  # fmt: skip
    assert made.exit_code == 0, made.output
    rows = pl.read_parquet(tmp_path / "eval_report__items.parquet")
    assert rows.filter(pl.col("score").is_null())["item_id"].to_list() == ["t3"]
    assert rows.height == 9


def test_a_profile_and_a_named_suite_say_how_many(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()

    def items(*words: str, settings: str = "") -> dict[str, int]:
        folder = tmp_path / "other"
        folder.mkdir(exist_ok=True)
        (folder / "booktune.toml").write_text(settings)
        made = call(folder, "eval", "--model", "tiny-random", "--dry-run", "--json", *words)
        assert made.exit_code == 0, made.output
        return json.loads(made.stdout)["cost"]["items"]

    many = len(asked_for())
    assert items("--suite", "formats", "--samples", "1") == {"formats": many}
    assert items("--suite", "formats", "--limit", "9") == {"formats": 9}
    kept = "[evaluation]\nformats = 5\n"
    assert items("--suite", "formats", settings=kept) == {"formats": 5}
    assert items("--suite", "formats", "--limit", "9", settings=kept) == {"formats": 9}
    chosen = '[evaluation]\nsuites = ["formats", "tool_calls"]\ntool_calls = 3\n'
    assert items("--samples", "1", settings=chosen) == {
        "formats": Evaluation().formats,
        "tool_calls": 3,
    }
    large = f'profile = "gpu24"\n{chosen}'
    assert items("--samples", "1", settings=large) == {"formats": many, "tool_calls": 3}


def test_p_of_further_metrics_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    row: dict[str, Any] = {"suite": "s", "n": 9, "base": 1.0, "tuned": 2.0, "mdd": 1.0,
                           "verdict": "so"}  # fmt: skip
    say_rows([
        {**row, "metric": "main", "p": 0.0123, "p_holm": 0.0456},
        {**row, "metric": "further", "p": 0.0789, "p_holm": None},
        {**row, "metric": "none", "p": None, "p_holm": None},
    ])  # fmt: skip
    main, further, none = capsys.readouterr().out.splitlines()[-4:-1]
    assert "0.0456" in main and "0.0123" not in main and "*" not in main
    assert "0.0789*" in further and "*" not in none


def test_a_broken_problem_file_stops_with_a_code(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "problems.jsonl"
    file.write_text('{"id": "one", "language": "elixir"}\n')
    monkeypatch.setattr(
        chain_measure, "_given", lambda settings, _: (Given(settings.evaluation, problems=file), "")
    )
    made = call(home, "eval", "--model", "tiny-random", "--suite", "problems")
    assert made.exit_code == 1
    assert "BAD_ROW" in made.output and "problems.jsonl" in made.output


def test_bits_per_byte_are_those_of_a_rolling_log_likelihood(tiny: Any) -> None:
    """By hand, as lm-evaluation-harness does it: start token, log softmax, sum, bytes, ln 2."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from booktune_assets.llm.engine import open_engine

    models: Any = AutoModelForCausalLM
    model = models.from_pretrained(tiny.path, dtype=torch.float32).eval()
    tokenizer: Any = AutoTokenizer.from_pretrained(tiny.path)
    texts = ["A process is an isolated unit. " * n + "Erlang äöü." for n in (1, 7)]
    for text, found in zip(texts, open_engine(tiny.path).score(texts), strict=True):
        said = tokenizer(text, add_special_tokens=False)["input_ids"]
        ids = [tokenizer.bos_token_id, *said]
        with torch.no_grad():
            likely = torch.log_softmax(model(torch.tensor([ids])).logits[0].double(), -1)
        nats = -sum(float(likely[place, ids[place + 1]]) for place in range(len(said)))
        wanted = nats / math.log(2) / len(text.encode())
        assert found.bits_per_byte == pytest.approx(wanted, rel=1e-3)


def test_one_model_is_shown_with_its_scores(home: Path, tmp_path: Path) -> None:
    with fake_server(lambda _, body: answered(body, "a number")) as fake:
        made = call(home, "eval", "--model", fake.base_url, "--name", "m", "--out", str(tmp_path),
                    "--suite", "heldout_answers", "--suite", "general_text")  # fmt: skip
    assert made.exit_code == 0, made.output
    lines = made.output.splitlines()
    line = next(one for one in lines if one.startswith("heldout_answers  chrf "))
    page = (tmp_path / "report.html").read_text()
    shown = page.partition("What it scored</h2>")[2].partition("</table>")[0]
    assert f">{float(line.split()[3]):.1f}</td>" in shown and f">{N}</td>" in shown
    assert "second" not in made.output and "nothing to compare with" not in made.output
    assert "1 suite without a score, and why" in page and "no log likelihoods" in page
    assert "trace EXAMPLE_ID" not in page and "both arms" not in page.partition("<footer>")[0]

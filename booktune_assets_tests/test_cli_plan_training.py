"""``plan-training`` from outside: figures, JSON, refusals before anything is loaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from booktune_assets.cli import cli
from booktune_assets.llm.fp8 import require_plain
from booktune_assets.training import plan


def _booktune(home: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--home", str(home), "plan-training", *words])


@pytest.mark.parametrize("profile", ["tiny", "gpu24", "gpu48", "gpu80"])
def test_every_profile_says_memory_and_time(tmp_path: Path, profile: str) -> None:
    result = _booktune(tmp_path, "--profile", profile, "--memory-gb", "80")
    assert result.exit_code == 0, result.output
    for word in ("weights", "optimiser", "together", "largest that fits", "steps"):
        assert word in result.output
    assert ("5.775 million per unit of rank" in result.output) == (profile != "tiny")
    assert "assumed" in result.output or "estimated" in result.output


def test_json_holds_the_same_figures(tmp_path: Path) -> None:
    result = _booktune(tmp_path, "--profile", "gpu24", "--rank", "16", "--json")
    said = json.loads(result.output)
    assert said["params_per_rank"] == 5_775_360 and said["alpha"] == 32
    assert said["total_bytes"] == sum(said["bytes"].values())
    assert said["fits"] and said["rank_max"] >= 32
    assert said["seconds"] == pytest.approx(sum(said["seconds_by"].values()), abs=3)
    assert set(said["seconds_by"]) == {"training", "replay", "writing rehearsal"}


def test_what_cannot_fit_is_printed_and_refused(tmp_path: Path) -> None:
    result = _booktune(tmp_path, "--profile", "gpu24", "--rank", "256")
    assert result.exit_code == 1
    assert "together" in result.output and "WILL_NOT_FIT" in result.output
    assert "Lower training.rank to" in result.output
    plain = _booktune(tmp_path, "--profile", "gpu24", "--plain")
    assert plain.exit_code == 1 and "training.quantise to nf4" in plain.output


def test_strategies_of_the_settings_count(tmp_path: Path) -> None:
    (tmp_path / "booktune.toml").write_text(
        'profile = "gpu48"\n[training.stages.general]\ntexts = "."\n'
        '[[training.forgetting]]\nkind = "si"\n'
    )
    result = _booktune(tmp_path)
    assert result.exit_code == 0 and "state of si" in result.output
    assert "stage general" in result.output


def test_the_rank_of_joined_columns_is_said(tmp_path: Path) -> None:
    (tmp_path / "booktune.toml").write_text(
        '[training.stages.general]\ntexts = "."\n[training.stages.domain]\ntexts = "."\n'
        '[[training.forgetting]]\nkind = "progressive"\n'
    )
    said = {
        rank: _booktune(tmp_path, "--profile", "gpu80", "--rank", rank).output
        for rank in ("64", "256")
    }
    # 64 + 64 = 128, + 64 = 192, filled up to 256; 256 + 256 + 256 is more than any server takes
    assert "one adapter of rank 256" in said["64"] and "vLLM serves" not in said["64"]
    assert "one adapter of rank 768" in said["256"]
    assert "vLLM serves ranks up to 512: lower training.rank" in said["256"]


def test_settings_count_and_what_cannot_train_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "booktune.toml"
    file.write_text('profile = "gpu24"\n[training]\ncheckpointing = "off"\nrank = 16\n')
    off = _booktune(tmp_path)
    assert off.exit_code == 1 and "not checkpointed" in off.output
    assert "training.checkpointing to on" in off.output
    file.write_text('profile = "gpu80"\n[[training.forgetting]]\nkind = "olora"\n')
    alone = _booktune(tmp_path)
    assert alone.exit_code == 2 and "training.stages" in alone.output


def test_a_merge_is_planned_with_the_machines_own_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "booktune.toml").write_text('profile = "gpu24"\n[post]\nmerge = "bf16"\n')
    for free, code in ((40e9, 1), (80e9, 0)):
        monkeypatch.setattr(plan, "free_memory", lambda free=free: free)
        merged = _booktune(tmp_path)
        assert merged.exit_code == code, merged.output
        assert ("post.merge" in merged.output) == bool(code)


def test_options_are_checked_as_the_file_is(tmp_path: Path) -> None:
    assert _booktune(tmp_path, "--seq-len", "3").exit_code == 2
    unknown = _booktune(tmp_path, "--model", "nobody/knows-this")
    assert unknown.exit_code == 1 and "MODEL_MISSING" in unknown.output
    odd = _booktune(tmp_path, "--rank", "24", "--memory-gb", "20")
    assert odd.exit_code == 2 and "BAD_SETTING" in odd.output and "128 or 256" in odd.output
    assert "key=training.rank" in odd.output
    for option in ("--memory-gb", "--tflops"):
        for number in ("nan", "inf"):
            assert _booktune(tmp_path, option, number).exit_code == 2


@pytest.mark.parametrize(
    ("text", "key", "remedy"),
    [
        ("[training]\nalpha = 7", "training.alpha", "alpha is always twice the rank: set rank"),
        ('[training]\nforgetting = [{ kind = "magic" }]', "training.forgetting.0",
         "its kind is one of replay, ewc, si"),
        ('[training]\nforgetting = [{ space = "delta" }]', "training.forgetting.0",
         "name its kind"),
        ('[training]\nforgetting = [{ kind = "ewc", target_shar = 3 }]',
         "training.forgetting.0.target_shar", "did you mean target_share?"),
        ('[training]\nforgetting = [{ kind = "ewc", space = "both" }]',
         "training.forgetting.0.space", "choose delta or lora"),
        ("[training]\nlearning_rate = 1", "training.learning_rate", "a number at most 0.01"),
        ("[training]\nsteps = 2.5", "training.steps", "give a whole number"),
        ('[post]\nstrength = "much"', "post.strength", "give a number or choose auto"),
        ("[post]\nstrength = 2.0", "post.strength", "give a number at most 1"),
        ("[trainig]\nsteps = 2", "trainig", "did you mean training?"),
        ('[training]\nforgetting = [{ kind = "progressive", form = "block_expansion" }]', "",
         "booktune model expand OUT"),
        ('[training.stages.general]\ntexts = "/nowhere"', "", "Name a folder of texts"),
    ],
)  # fmt: skip
def test_what_the_run_would_refuse_is_refused_in_our_words(
    tmp_path: Path, text: str, key: str, remedy: str
) -> None:
    (tmp_path / "booktune.toml").write_text(text)
    said = _booktune(tmp_path, "--memory-gb", "80")
    assert said.exit_code in (1, 2) and "BAD_SETTING" in said.output
    assert f"key={key}]" in said.output or not key
    assert remedy in said.output
    assert "Input" not in said.output and "Extra" not in said.output


def test_weights_in_fp8_are_refused_as_the_run_does(tmp_path: Path) -> None:
    known = "mistralai/Devstral-Small-2-24B-Instruct-2512"
    told = _booktune(tmp_path, "--profile", "gpu24", "--model", known)
    assert told.exit_code == 2 and "model dequantise FOLDER OUT" in told.output
    assert "together" in told.output, "what it would take is said all the same"
    for spelled in (
        "mistralai/Devstral-Small-2512", "mistralai/Devstral-Small-2", "devstral-small-2-2512",
        "someone/Devstral_Small_2_24B@main",
    ):  # fmt: skip
        told = _booktune(tmp_path, "--profile", "gpu24", "--model", spelled)
        assert told.exit_code == 2 and "model dequantise FOLDER OUT" in told.output, spelled
    for plain in (
        "mistralai/Devstral-Small-2507", "mistralai/Devstral-Small-2505", "devstral-small-24b",
        "someone/Devstral-Small-2-24B-Instruct-2512-BF16",
    ):  # fmt: skip
        require_plain(plain)
    config = {
        "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 300,
        "intermediate_size": 128, "quantization_config": {"quant_method": "fp8"},
    }  # fmt: skip
    folder = tmp_path / "model"
    folder.mkdir()
    for said, code in ((config, 2), (config | {"quantization_config": None}, 0)):
        (folder / "config.json").write_text(json.dumps(said))
        words = ("--model", str(folder), "--memory-gb", "80")
        assert _booktune(tmp_path, *words).exit_code == code


def test_a_small_model_is_said_in_small_numbers(tmp_path: Path) -> None:
    said = _booktune(tmp_path, "--model", "tiny-random", "--rank", "16", "--memory-gb", "8").output
    assert "billion" not in said and " 0.00" not in said
    assert "MB" in said and "8,000.00" in said and "under a second" in said


def test_rows_longer_than_the_model_reads_are_refused_as_the_run_does(tmp_path: Path) -> None:
    config = {
        "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 300,
        "intermediate_size": 128, "max_position_embeddings": 4096,
    }  # fmt: skip
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text(json.dumps(config))
    words = ("--model", str(tmp_path / "model"), "--memory-gb", "80", "--seq-len")
    assert _booktune(tmp_path, *words, "4096").exit_code == 0
    long = _booktune(tmp_path, *words, "4097")
    assert long.exit_code == 2 and "4096 positions" in long.output


@pytest.mark.parametrize(
    ("model", "most"), [("gemma3-270m", 32_768), ("mistralai/Devstral-Small-2507", 131_072)]
)
def test_so_they_are_of_models_that_are_not_here(tmp_path: Path, model: str, most: int) -> None:
    words = ("--model", model, "--memory-gb", "10000", "--seq-len")
    assert _booktune(tmp_path, *words, str(most)).exit_code == 0
    long = _booktune(tmp_path, *words, str(most + 1))
    assert long.exit_code == 2 and f"{most} positions" in long.output

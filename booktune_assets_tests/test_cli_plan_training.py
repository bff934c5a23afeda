"""``plan-training`` from outside: figures, JSON, refusals before anything is loaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from booktune_assets.cli import cli


def _booktune(home: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--home", str(home), "plan-training", *words])


@pytest.mark.parametrize("profile", ["tiny", "gpu24", "gpu48", "gpu80"])
def test_every_profile_says_memory_and_time(tmp_path: Path, profile: str) -> None:
    result = _booktune(tmp_path, "--profile", profile, "--memory-gb", "80")
    assert result.exit_code == 0, result.output
    for word in ("weights", "optimiser", "together", "largest that fits", "steps"):
        assert word in result.output
    assert ("5.775 per unit of rank" in result.output) == (profile != "tiny")
    assert "assumed" in result.output or "estimated" in result.output


def test_json_holds_the_same_figures(tmp_path: Path) -> None:
    result = _booktune(tmp_path, "--profile", "gpu24", "--rank", "16", "--json")
    said = json.loads(result.output)
    assert said["params_per_rank"] == 5_775_360 and said["alpha"] == 32
    assert said["total_bytes"] == sum(said["bytes"].values())
    assert said["fits"] and said["rank_max"] >= 32
    assert said["seconds"] == pytest.approx(said["flops"] / said["flops_per_second"], abs=1)


def test_what_cannot_fit_is_printed_and_refused(tmp_path: Path) -> None:
    result = _booktune(tmp_path, "--profile", "gpu24", "--rank", "256")
    assert result.exit_code == 1
    assert "together" in result.output and "WILL_NOT_FIT" in result.output
    assert "Lower training.rank to" in result.output
    plain = _booktune(tmp_path, "--profile", "gpu24", "--plain")
    assert plain.exit_code == 1 and "four bits" in plain.output


def test_strategies_of_the_settings_count(tmp_path: Path) -> None:
    (tmp_path / "booktune.toml").write_text(
        'profile = "gpu48"\n[[training.forgetting]]\nkind = "si"\n'
    )
    result = _booktune(tmp_path)
    assert result.exit_code == 0 and "state of si" in result.output


def test_options_are_checked_as_the_file_is(tmp_path: Path) -> None:
    assert _booktune(tmp_path, "--seq-len", "3").exit_code == 2
    unknown = _booktune(tmp_path, "--model", "nobody/knows-this")
    assert unknown.exit_code == 1 and "MODEL_MISSING" in unknown.output
    odd = _booktune(tmp_path, "--rank", "24", "--memory-gb", "20")
    assert odd.exit_code == 2 and "BAD_SETTING" in odd.output and "128 or 256" in odd.output

"""Settings: one file, clear refusals, one dial whose figures say why."""

from pathlib import Path

import pytest

from booktune_assets.errors import BookError, Code
from booktune_assets.settings import Settings


def test_home_comes_from_argument_then_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOKTUNE_HOME", str(tmp_path / "env"))
    assert Settings.load().home == tmp_path / "env"
    assert Settings.load(home=tmp_path / "arg").home == tmp_path / "arg"
    assert Settings.load(home=tmp_path).lake == tmp_path / "lake"


def test_the_file_in_the_home_wins_and_overrides_say_so(tmp_path: Path) -> None:
    (tmp_path / "booktune.toml").write_text('profile = "gpu24"\n[training]\nrank = 32\n')
    settings = Settings.load(home=tmp_path)
    assert settings.derived["rank"].value == 32
    assert "booktune.toml" in settings.derived["rank"].reason
    assert "24 GB" in settings.derived["seq_len"].reason


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("profle = 'tiny'", "profle"),
        ("profile = 'huge'", "profile"),
        ("[pairs]\nheldout_percent = 90", "pairs.heldout_percent"),
        ("[pairs\n", "Mend the file"),
        ("[mix]\ncode_low = 0.6\ncode_high = 0.3", "mix.code_low is 0.6, above mix.code_high"),
        ("[mix]\nnegatives_low = 0.06", "mix.negatives_low is 0.06, above"),
        ("[mix]\nturns_high = 0.1", "mix.turns_low is 0.2, above mix.turns_high, 0.1"),
    ],
)
def test_a_bad_setting_names_itself(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "booktune.toml").write_text(text)
    with pytest.raises(BookError, match=words) as caught:
        Settings.load(home=tmp_path)
    assert caught.value.code is Code.BAD_SETTING


def test_a_stage_depends_on_its_own_settings_only(tmp_path: Path) -> None:
    plain = Settings.load(home=tmp_path)
    (tmp_path / "booktune.toml").write_text("[training]\nrank = 64\n")
    other = Settings.load(home=tmp_path)
    assert plain.digest_for("pairs") == other.digest_for("pairs")
    assert plain.digest_for("profile") != other.digest_for("profile")


@pytest.mark.parametrize("strength", ["nan", "inf", "-0.1", "1.5"])
def test_strengths_of_an_adapter_lie_between_base_and_adapter(
    tmp_path: Path, strength: str
) -> None:
    (tmp_path / "booktune.toml").write_text(f"[post]\nalpha_curve = [0.5, {strength}]\n")
    with pytest.raises(BookError) as caught:
        Settings.load(tmp_path)
    assert caught.value.code is Code.BAD_SETTING and "alpha_curve" in str(caught.value)

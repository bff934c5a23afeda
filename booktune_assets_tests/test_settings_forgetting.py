"""What can never train is refused with the settings; what can, is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from booktune_assets.errors import BookError, Code
from booktune_assets.settings import Settings
from booktune_assets.settings_forgetting import memory_rows
from booktune_assets.settings_training import Training

STAGES = {"general": {"texts": "texts"}}
BLOCKS = {"kind": "progressive", "form": "block_expansion"}


@pytest.mark.parametrize(
    ("forgetting", "stages", "says"),
    [
        ([{"kind": "replay"}, {"kind": "replay"}], {}, "named twice"),
        ([{"kind": "ewc", "space": "lora", "fisher": "kfac"}], STAGES, "diagonal belongs to"),
        ([{"kind": "ewc", "space": "lora"}], {}, "B = 0"),
        ([{"kind": "ewc", "space": "lora"}, {"kind": "olora"}], STAGES, "B = 0"),
        ([{"kind": "ewc"}, BLOCKS], {}, "no BA"),
        ([{"kind": "si"}], {}, "no path"),
        ([{"kind": "si"}, {"kind": "progressive"}], STAGES, "new column"),
        ([{"kind": "olora"}], {}, "training.stages"),
        ([{"kind": "progressive"}], {}, "training.stages"),
        ([{"kind": "oplora"}], STAGES, "fresh adapter"),
        ([{"kind": "oplora"}, BLOCKS], {}, "no adapter"),
        ([{"kind": "stm", "quantile": None}], {}, "nothing is masked"),
    ],
)
def test_impossible_settings_are_refused(
    tmp_path: Path, forgetting: list[dict[str, Any]], stages: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        Training.model_validate({"forgetting": forgetting, "stages": stages})
    lines = ["[training]"] + [f"stages.{name} = {{ texts = 'x' }}" for name in stages]
    for one in forgetting:
        lines.append("[[training.forgetting]]")
        lines += [f"{name} = '{value}'" for name, value in one.items() if value is not None]
    (tmp_path / "booktune.toml").write_text("\n".join(lines))
    if forgetting[0].get("quantile", "") is not None:  # TOML has no None
        with pytest.raises(BookError) as caught:
            Settings.load(home=tmp_path)
        assert caught.value.code is Code.BAD_SETTING


@pytest.mark.parametrize(
    ("forgetting", "stages"),
    [
        ([], {}),
        ([{"kind": "ewc"}, {"kind": "oplora"}, {"kind": "stm"}], {}),
        ([{"kind": "si", "source": "pseudo"}], {}),
        ([{"kind": "ewc", "space": "lora"}, {"kind": "si"}], STAGES),
        ([{"kind": "progressive"}, {"kind": "olora"}, {"kind": "oplora"}], STAGES),
        ([BLOCKS, {"kind": "ewc", "space": "lora"}], {}),
    ],
)
def test_what_trains_is_let_through(forgetting: list[Any], stages: dict[str, Any]) -> None:
    made = Training.model_validate({"forgetting": forgetting, "stages": stages})
    again = Training.model_validate(made.model_dump(mode="json"))
    assert again == made, "as a run hands it to its child"


def test_earlier_rows_are_wanted_by_those_that_look_at_them() -> None:
    def wanted(*sections: dict[str, Any], stages: bool = False) -> int:
        given = {"forgetting": sections, "stages": STAGES if stages else {}}
        return memory_rows(Training.model_validate(given).forgetting, stages=stages)

    assert wanted({"kind": "replay"}) == wanted({"kind": "kl", "n_old": 9}) == 0
    assert wanted({"kind": "kl", "on": "old", "n_old": 9}) == 9
    assert wanted({"kind": "ewc", "n": 7}, {"kind": "fip", "n_old": 3}) == 7
    assert wanted({"kind": "ewc", "n": 7}, {"kind": "fip", "n_old": 3}, stages=True) == 3
    assert wanted({"kind": "si", "source": "pseudo", "pseudo_steps": 5}) == 5

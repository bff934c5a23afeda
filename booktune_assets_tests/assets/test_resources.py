"""Settings reach a run whole: through Dagster's configuration and back."""

from pathlib import Path

import pytest

from booktune_assets.assets.resources import house_resource
from booktune_assets.settings import Settings

SECTIONS: dict[str, dict[str, object]] = {
    "none": {},
    "ways of not forgetting": {
        "training": {"forgetting": [{"kind": "ewc"}, {"kind": "l2", "strength": 0.5}]}
    },
    "no way": {"training": {"forgetting": []}},
    "what digests leave out": {
        "training": {"resume": "must", "save_every": 3, "sweep": [1e-5, 1e-4]},
        "pairs": {"benchmarks": ["own.jsonl"], "paraphrases": 2},
    },
    "stages": {"training": {"stages": {"general": {"texts": "texts"}}}},
    "lists and folders": {
        "library": "shelf",
        "rehearsal": {"texts": [{"path": "a", "licence": "MIT", "share": 1.0}], "earlier": ["b"]},
        "post": {"alpha_curve": [0.5], "lines": True},
        "profile": "gpu48",
    },
}


@pytest.mark.parametrize("name", SECTIONS)
def test_settings_come_back_as_they_were(name: str, tmp_path: Path) -> None:
    settings = Settings.model_validate({**SECTIONS[name], "home": tmp_path})
    resource = house_resource(settings)
    assert resource.changed == {} if name == "none" else resource.changed
    assert resource.create_resource(None).settings == settings  # type: ignore[arg-type]


def test_only_what_differs_is_shown(tmp_path: Path) -> None:
    settings = Settings.model_validate({"training": {"seed": 4}, "home": tmp_path})
    assert house_resource(settings).changed == {"training": {"seed": 4}}

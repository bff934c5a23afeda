"""Sets as files that trainers load: JSONL and Parquet per split, descriptions, card, manifest.

Belongs here: the last check and the writing. Does not: the forms (``forms.py``), the rules
(``validate.py``), the card (``card.py``). A row that breaks a rule stops the export: a trainer
would drop it in silence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import polars as pl

from booktune_assets.errors import BookError, Code
from booktune_assets.lake import replaced, write_json
from booktune_assets.pairs.card import About, data_card, root_card
from booktune_assets.pairs.forms import (
    FORMS,
    axolotl_yaml,
    dataset_info,
    form_frame,
    forms_of,
    json_frame,
    lineage_frame,
)
from booktune_assets.pairs.render import VERSION
from booktune_assets.pairs.validate import MANIFEST, faults, manifest
from booktune_assets.schemas_pairs import SPLITS

__all__ = ["export_set"]

_ROW_GROUP = 10_000  # rows: readers of a part of a file do not take all of it


def export_set(
    frame: pl.DataFrame, fmt: str, folder: Path, *, about: About | None = None,
    texts: Mapping[str, str] | None = None, checked: bool = False,
) -> list[Path]:  # fmt: skip
    """Write a set in all its forms, each into a folder beside ``folder``, which has the first.

    Returns the files written, in order. Rows go in the order of learning. Raises
    ``BookError(BAD_ROW)`` before writing any. A split without rows has no file, for an empty file
    loads nowhere. ``texts`` are those of sections: with them quotes are compared once more.
    ``checked`` rows come from ``validate.sound`` just now and are not looked at again.
    """
    forms = forms_of(fmt)
    if frame.is_empty():
        raise BookError(Code.NO_EXAMPLES, "Build the sets from at least one book first", format=fmt)
    if found := [] if checked else faults(frame, fmt, texts):
        example, reason = found[0]
        raise BookError(
            Code.BAD_ROW, "Report this as a defect: the gates should have refused the row",
            example=example, rule=reason, rows=len(found),
        )  # fmt: skip
    ordered = frame.sort("curriculum", "example_id")
    written: list[Path] = []
    for form in forms:
        home = folder if form == fmt else folder.parent / form
        written += _write_form(ordered, form, home, about or About())
    _write_root(ordered, folder.parent, about or About())
    return written


def _write_root(frame: pl.DataFrame, root: Path, about: About) -> None:
    """Card and LLaMA-Factory description of all forms that stand in a folder, whoever wrote them.

    They are of both sets, so the receipt of neither lists them.
    """
    told: dict[str, dict[str, int]] = {}
    for form in (form for forms in FORMS.values() for form in forms):
        with suppress(OSError, ValueError, KeyError):
            told[form] = json.loads((root / form / MANIFEST).read_text())["rows"]
    entries: dict[str, object] = {}
    for form, rows in told.items():
        entries |= dataset_info(form, rows, f"{form}/")
    with replaced(root / "README.md") as temp:
        temp.write_text(root_card(frame, told, about), encoding="utf-8")
    write_json(root / "dataset_info.json", entries)


def _write_form(frame: pl.DataFrame, form: str, folder: Path, about: About) -> list[Path]:
    """One form: its files, the manifest last, so that a killed writer leaves a set that is refused.

    Files of an earlier export that this one does not have are removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    splits: dict[str, int] = {}
    written: list[Path] = []
    for split in SPLITS:
        part = frame.filter(pl.col("split") == split)
        paths = [folder / f"{split}.jsonl", folder / f"{split}.parquet"]
        if part.is_empty():
            for path in paths:
                path.unlink(missing_ok=True)
            continue
        splits[split] = part.height
        rows = form_frame(part, form)
        _write_jsonl(rows, paths[0])
        _write_parquet(rows, paths[1])
        written += paths
    beside = folder / "lineage.parquet"
    _write_parquet(lineage_frame(frame), beside)
    texts = {"axolotl.yml": axolotl_yaml(form, splits, ordered=about.ordered)}
    if info := dataset_info(form, splits):
        texts["dataset_info.json"] = json.dumps(info, indent=1, ensure_ascii=False)
    texts["README.md"] = data_card(frame, form, splits, about)
    for name in ("axolotl.yml", "dataset_info.json", "README.md"):
        if text := texts.get(name):
            with replaced(folder / name) as temp:
                temp.write_text(text, encoding="utf-8")
    names = [name for name in ("dataset_info.json", "axolotl.yml", "README.md") if texts.get(name)]
    written += [beside, *(folder / name for name in names)]
    write_json(folder / MANIFEST, manifest(written, form, VERSION, splits))
    return [*written, folder / MANIFEST]


def _write_parquet(frame: pl.DataFrame, path: Path) -> None:
    with replaced(path) as temp:
        frame.write_parquet(temp, compression="zstd", row_group_size=_ROW_GROUP)


def _write_jsonl(frame: pl.DataFrame, path: Path) -> None:
    with replaced(path) as temp, temp.open("wb") as out:
        for start in range(0, frame.height, _ROW_GROUP):
            json_frame(frame.slice(start, _ROW_GROUP)).write_ndjson(out)

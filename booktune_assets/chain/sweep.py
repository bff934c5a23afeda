"""A sweep over learning rates, in the chain: which rows, what it costs, where it is written.

Belongs here: rows that no evaluation asks, the estimate, the report, the line in the settings file.
Does not: runs and choice (``training/sweep.py``). The adapter of the lake is not touched.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from booktune_assets.alone import alone
from booktune_assets.chain.house import House
from booktune_assets.chain.models import books_run, model_name, newest
from booktune_assets.chain.post import general_rows
from booktune_assets.errors import BookError, Code
from booktune_assets.ids import digest
from booktune_assets.lake import replaced, write_json
from booktune_assets.settings import Settings
from booktune_assets.training.run import examples_of
from booktune_assets.training.sweep import Tried, chosen, sweep
from booktune_assets.training.sweep_plot import sweep_svg

if TYPE_CHECKING:
    from booktune_assets.training.plan import Plan

__all__ = ["Cost", "Swept", "cost_of", "rates_of", "swept", "with_rate", "write_rate"]

FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)  # of the profile's rate
TEXTS = 24  # held-out answers that a rate is judged on
START = 7.0  # seconds until a child's program has its libraries, of one core; two for each rate
READ = 0.5e9  # bytes of weights per second from a disk, assumed
SAMPLE = 200  # tokens of a text that is measured, assumed
TEXTS_MIN = 8  # fewer that no evaluation asks: then those that it asks


@dataclass(frozen=True, slots=True)
class Cost:
    """What a sweep takes at most: tokens, seconds of all steps, where they come from.

    ``beside``: seconds of all rates for what is no step: programs that start, loading, measuring.
    ``before``: of the stages before the books, which run once where they are not done.
    """

    rates: int
    steps: int
    tokens: int
    training: float
    source: str
    beside: float
    before: float

    @property
    def seconds(self) -> float:
        """Everything."""
        return self.training + self.beside + self.before


@dataclass(frozen=True, slots=True)
class Swept:
    """Rows by rate, the choice, where the report is. ``shared``: the answers are also evaluated."""

    tried: list[Tried]
    choice: Tried | None
    folder: Path
    texts: int
    shared: bool


def rates_of(settings: Settings) -> list[float]:
    """``training.sweep``, or the profile's rate times 1/4, 1/2, 1, 2 and 4."""
    rate = float(settings.derived["learning_rate"].value)
    return sorted(settings.training.sweep) or [float(f"{rate * one:.3g}") for one in FACTORS]


def cost_of(house: House, rates: Sequence[float], steps: int) -> Cost:
    """Before anything is loaded: by the newest adapter's pace where one of this model is there."""
    plan = _plan(house, steps)
    by_name = plan.times
    before = sum(value for name, value in by_name.items() if name.startswith("stage "))
    training = sum(by_name.values()) - before - by_name.get("writing rehearsal", 0.0)
    wanted, source = plan.memory.wanted, plan.card.source
    loading = wanted.shape.params * wanted.width / READ
    if (known := _pace(house, Path(plan.model).name)) is not None:
        pace, loading = known
        training, source = pace * steps, f"as the newest adapter took for a step, {pace:.2g} s"
    # forwards only, at two strengths, where a step goes forwards and backwards
    read = 2 * (TEXTS + house.settings.post.curve_texts) * min(SAMPLE, wanted.seq_len)
    measuring = training * read / max(1, plan.tokens) / 3
    count = len(set(rates))
    return Cost(
        count, steps, plan.tokens * count, training * count, source,
        count * (2 * (START + loading) + measuring), before,
    )  # fmt: skip


def _plan(house: House, steps: int) -> Plan:
    """The plan of one rate: ``steps`` over the books, the stages before it with their own."""
    from booktune_assets.training.plan import plan_of

    settings = house.settings
    figures = {name: one.value for name, one in settings.derived.items()}
    stages, whole = settings.training.stages, int(figures["steps"])
    return plan_of(
        model_name(house), settings.profile, figures | {"steps": steps},
        forgetting=tuple(settings.training.forgetting), quantise=settings.training.quantise,
        checkpointing=settings.training.checkpointing,
        stages={n: stages[n].steps or whole for n in ("general", "domain") if n in stages},
        share=settings.training.rehearsal_share,
    )  # fmt: skip


def _pace(house: House, base: str) -> tuple[float, float] | None:
    """Seconds of a step, and of all else in the run, of the newest adapter if it is of ``base``."""
    key = house.lake.current_key("lora_adapter")
    if not key:
        return None
    row = house.lake.read("lora_adapter", key).row(0, named=True)
    stepping = float(house.lake.read("lora_adapter__steps", key)["seconds"].max() or 0)  # pyright: ignore
    if row["base"] != base or not row["steps"]:
        return None
    return stepping / row["steps"], max(0.0, row["seconds"] - stepping)


def swept(house: House, rates: Sequence[float], steps: int) -> Swept:
    """Run the sweep and write its report. Raises ``NOT_BUILT`` without sets and ``NO_EXAMPLES``
    when nothing is held out, both before a model is fetched or a stage trained."""
    newest(house, "rehearsal_set")
    held, shared = _heldout(house, newest(house, "sharegpt_set")[0])
    spec, _ = books_run(house)
    spec = replace(spec, steps=steps)
    home = house.settings
    work = home.home / "work" / "sweep"
    with alone(work):
        tried = sweep(spec, rates, held, general_rows(house), work, home.cache / "sweep")
    choice = chosen(tried)
    folder = home.reports / "sweep" / digest([spec.dataset_id, steps, sorted(set(rates))])[:12]
    done = Swept(tried, choice, folder, len(held), shared)
    _report(done)
    return done


def write_rate(settings: Settings, file: Path | None, rate: float) -> Path:
    """Set ``training.learning_rate`` in the settings file that counts; gives the file."""
    path = file or Settings.file_of(settings.home) or settings.home / "booktune.toml"
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    after = with_rate(before, rate)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as temp:
        temp.write_text(after, encoding="utf-8")
    return path


def with_rate(text: str, rate: float) -> str:
    """A settings file with that rate and nothing else changed, comments and order included.

    Raises ``BAD_SETTING`` for a file in which the line cannot be found or put safely.
    """
    lines = text.splitlines()
    own = f"learning_rate = {rate!r}"
    heads = [n for n, line in enumerate(lines) if re.match(r"\s*\[training\]\s*(#.*)?$", line)]
    if heads:
        begin = heads[0] + 1
        end = next((n for n in range(begin, len(lines)) if lines[n].lstrip().startswith("[")),
                   len(lines))  # fmt: skip
        at = [n for n in range(begin, end) if re.match(r"\s*learning_rate\s*=", lines[n])]
        lines[at[0] if at else begin : at[0] + 1 if at else begin] = [own]
    else:
        lines += [*([""] if lines else []), "[training]", own]
    after = "\n".join(lines) + "\n"
    if not _only_the_rate(text, after, rate):
        raise BookError(
            Code.BAD_SETTING, f"Write it yourself: [training] {own}", key="training.learning_rate"
        )
    return after


def _only_the_rate(before: str, after: str, rate: float) -> bool:
    try:
        one, other = tomllib.loads(before), tomllib.loads(after)
        one["training"] = {**one.get("training", {}), "learning_rate": rate}
    except (tomllib.TOMLDecodeError, TypeError):
        return False
    return one == other


def _heldout(house: House, dataset_id: str) -> tuple[list[dict[str, Any]], bool]:
    """Held-out answers to judge by, and whether the evaluation asks them as well.

    The evaluation takes the first by id: a choice made on those would flatter its report.
    """
    rows = house.lake.read("sharegpt_set", dataset_id)
    rows = rows.filter((pl.col("split") == "heldout") & (pl.col("family") != "predict_output"))
    rows = rows.sort("pair_id").with_columns(split=pl.lit("train"))
    if not rows.height:
        raise BookError(
            Code.NO_EXAMPLES, "A sweep needs held-out answers: raise pairs.heldout_percent"
        )
    asked = house.settings.asked
    free = rows.slice(max(asked.answers, asked.retrieval))
    shared = free.height < TEXTS_MIN
    return examples_of((rows.reverse() if shared else free).head(TEXTS)), shared


def _report(done: Swept) -> None:
    """``sweep.json``, ``sweep.svg`` and a page of Markdown that shows both."""
    done.folder.mkdir(parents=True, exist_ok=True)
    write_json(done.folder / "sweep.json", {
        "rates": [asdict(one) for one in done.tried],
        "chosen": done.choice.learning_rate if done.choice else None,
        "texts": done.texts, "shared_with_evaluation": done.shared,
    })  # fmt: skip
    picture = sweep_svg(done.tried, done.choice)
    (done.folder / "sweep.svg").write_text(picture, encoding="utf-8")
    lines = ["# Learning rates", "", "![losses by rate](sweep.svg)" if picture else "", "",
             "| rate | held-out | of base | general | of base | loss | s | |",
             "|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for one in done.tried:
        figures = (one.heldout, one.heldout_base, one.general, one.general_base, one.loss)
        cells = ["" if value is None else f"{value:.4f}" for value in figures]
        mark = "chosen" if one == done.choice else one.error
        lines.append(f"| {one.learning_rate:g} | {' | '.join(cells)} | {one.seconds:g} | {mark} |")
    lines += ["", "Held-out and general are bits per byte, loss is nats per token of training."]
    (done.folder / "sweep.md").write_text("\n".join(lines) + "\n", encoding="utf-8")

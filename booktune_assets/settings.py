"""Settings: one file (``booktune.toml``), one dial (``profile``), one home.

Belongs here: every default with its unit, where files live, what follows from the profile. This is
the only module that reads the settings file; the environment is read here and, for lm-eval, in
``settings_evaluation.py``. Does not: behaviour.

Environment: ``BOOKTUNE_HOME`` (where all that is made goes; default ``data/`` of the checkout) and
``BOOKTUNE_SETTINGS`` (the settings file; default ``<home>/booktune.toml``, else the checkout's),
``BOOKTUNE_VLLM_PYTHON`` (an interpreter that has vLLM), ``BOOKTUNE_LM_EVAL_PYTHON`` (one that has
lm-eval) and the variable that ``llm.api_key_env`` names.
What a sandbox may use is read where that is probed: ``beam/ladder.py``, ``beam/cgroups.py``.
"""

from __future__ import annotations

import os
import sys
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from booktune_assets.errors import BookError, Code
from booktune_assets.ids import digest
from booktune_assets.settings_evaluation import Evaluation
from booktune_assets.settings_faults import fault_of
from booktune_assets.settings_sets import Licences, Mix
from booktune_assets.settings_training import Post, Rehearsal, Training

__all__ = [
    "Beam",
    "Evaluation",
    "Llm",
    "Pairs",
    "Reading",
    "Rehearsal",
    "Settings",
    "Training",
]

PROJECT = Path(__file__).resolve().parents[1]
# settings of [pairs] that say nothing about what is taken from the text alone
TEACHING = ("recipes", "questions", "votes", "judging", "judge_model", "passages_max")
Repair = Literal[
    "quotes",
    "glyphs",
    "wraps",
    "wrap_marks",
    "line_numbers",
    "callout_marks",
    "indents",
    "hidden_lines",
    "blank_lines",
    "spread_letters",
    "doubles",
    "hyphens",
]
Profile = Literal["tiny", "gpu24", "gpu48", "gpu80"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reading(_Section):
    """How books are opened and what bounds them."""

    seconds_per_book: float = Field(default=300.0, gt=0, description="CPU limit of one book, s")
    memory_mb: int = Field(default=1024, ge=256, description="memory of the reading process, MB")
    unpacked_mb: int = Field(default=100, ge=1, description="largest unpacked entry or stream, MB")
    pages_max: int = Field(default=20_000, ge=1, description="pages read at most")
    repairs_off: list[Repair] = Field(
        default=[], description="repairs of code and text that are not made"
    )
    precise: bool = Field(
        default=False, description="exact boxes of words and cells of ruled tables; slower"
    )
    ocr: bool = Field(default=False, description="recognise the text of scanned pages (Tesseract)")
    ocr_language: str = Field(
        default="eng", pattern=r"^[A-Za-z0-9_]+(\+[A-Za-z0-9_]+)*$",
        description="languages of scanned pages, as Tesseract names them: eng+deu",
    )  # fmt: skip
    ocr_seconds: float = Field(
        default=7200.0, gt=0, description="CPU limit of one book's text recognition, s"
    )
    accept_restricted: bool = Field(
        default=True, description="read PDFs that only restrict copying, with a warning"
    )


class Concepts(_Section):
    """How concepts and their prerequisites are found."""

    refine: bool = Field(
        default=False, description="ask the teacher of [llm] about uncertain prerequisites"
    )
    refine_per_concept: int = Field(
        default=3, ge=1, description="uncertain prerequisites asked about for one concept at most"
    )


class Pairs(_Section):
    """How questions and answers are taken from sections."""

    heldout_percent: int = Field(default=12, ge=0, le=50, description="sections held out, %")
    per_block: int = Field(default=6, ge=1, description="pairs of one block at most, lessons aside")
    per_family: int = Field(
        default=2, ge=1, description="of these, pairs of one family of tasks at most"
    )
    answer_chars_max: int = Field(default=2600, ge=100, description="longest answer, characters")
    execute: bool = Field(default=True, description="run the code of pairs in the sandbox")
    retrieved_percent: int = Field(
        default=50, ge=0, le=100,
        description="of the pairs that a passage answers: asked again with passages before them, %",
    )  # fmt: skip
    retrieved_passages: int = Field(default=4, ge=2, le=10, description="passages of such a pair")
    recipes: list[Literal["qa", "bonito", "chain"]] = Field(
        default=[], description="recipes of the teacher of [llm]; none: pairs come from the text"
    )
    questions: int = Field(default=3, ge=1, le=12, description="asked about a passage and recipe")
    votes: int = Field(default=3, ge=1, le=9, description="votes of a judge on one sentence")
    judging: Literal["on", "off"] = Field(
        default="on", description="answers are asked for again, and their sentences judged"
    )
    judge_model: str = Field(
        default="", description="model of the judge on the same server; default: the teacher's"
    )
    passages_max: int = Field(
        default=0, ge=0, description="passages asked about for each book and recipe; 0: all"
    )
    # what only the sets look at is no part of what pairs depend on
    paraphrases: int = Field(
        default=3, ge=1, exclude=True, description="pairs of one family that one quote may answer"
    )
    example_chars_max: int = Field(
        default=12_000, ge=500, exclude=True,
        description="longest example, all messages, characters",
    )  # fmt: skip
    benchmarks: list[str] = Field(
        default=[], exclude=True,
        description="files or folders of problems that no pair may show, beside our own",
    )  # fmt: skip


class Llm(_Section):
    """The teacher: which model writes and judges, how hard it is asked, what it may cost.

    Limits of 0 are no limits. Prices and ``budget_money`` are in one currency of your choice.
    """

    engine: Literal["none", "server", "vllm", "transformers"] = Field(
        default="none", description="who answers; none: pairs are taken from the text only"
    )
    model: str = Field(
        default="", description="as training.model, or a server's name for it; default: training's"
    )  # fmt: skip
    revision: str = Field(default="", description="of a server's model: part of every call's key")
    base_url: str = Field(
        default="http://127.0.0.1:8000/v1", description="of engine server: OpenAI-compatible"
    )  # fmt: skip
    api_key_env: str = Field(
        default="", pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$",
        description="name of the environment variable that holds the server's key",
    )  # fmt: skip
    seeds: Literal["auto", "always", "never"] = Field(
        default="auto",
        description="of engine server: send it seeds; auto: not to vLLM unless its version names a "
        "GPU, for the CPU build dies of sampled requests with one",
    )
    concurrency: int = Field(default=64, ge=1, description="calls in flight at most")
    seconds_per_call: float = Field(default=600.0, gt=0, description="time limit of one call, s")
    retries: int = Field(default=6, ge=0, description="further tries when the service fails a call")
    salvage: int = Field(default=1, ge=0, le=5, description="rounds for unusable replies")
    price_in: float = Field(default=0.0, ge=0, description="per million prompt tokens")
    price_out: float = Field(default=0.0, ge=0, description="per million completion tokens")
    budget_money: float = Field(default=0.0, ge=0, description="most to be spent; 0: no limit")
    budget_tokens: int = Field(default=0, ge=0, description="most tokens, read and written")
    budget_calls: int = Field(default=0, ge=0, description="most calls")
    budget_hours: float = Field(default=0.0, ge=0, description="most hours of calling")
    budget_name: str = Field(
        default="all", description="what counts together, over all runs; another name starts at 0"
    )
    vllm_python: str = Field(
        default="", description="Python that has vLLM; default BOOKTUNE_VLLM_PYTHON, else this one"
    )
    vllm_args: list[str] = Field(default=[], description="further arguments of the vLLM server")
    start_seconds: float = Field(
        default=900.0, gt=0, description="until a started server answers, s"
    )


class Beam(_Section):
    """How code of books and of models is run."""

    toolchains: list[str] = Field(
        default=[], description="folders of Elixir installations beside those on PATH"
    )


@dataclass(frozen=True, slots=True)
class Derived:
    """One value that follows from the profile, and why it is what it is."""

    name: str
    value: str | int | float
    reason: str


DEVSTRAL = "mistralai/Devstral-Small-2507@bd165ab26cebbcc2eea2c4ecbfc07f3ac42b3c39"
_GPU = (DEVSTRAL, "bf16, text only, Apache-2.0; pinned, so that a run can be repeated")
_RATE = (5e-5, "upper end of the range that keeps earlier knowledge")
_STEPS = (400, "about two epochs of 50,000 short examples at 64 rows")
_CUT = (0.1, "more cut examples than that say that rows are too short")
_BATCH = (64, "effective batch by accumulation: one row goes through the model at a time")
_PROFILES: dict[str, tuple[Derived, ...]] = {
    "tiny": (
        Derived("model", "gemma3-270m", "a real model that runs on two CPU cores"),
        Derived("rank", 16, "15 MB of adapter; enough to learn one small book"),
        Derived("learning_rate", 2e-4, "a small model and few steps need a higher rate"),
        Derived("steps", 40, "about 300 CPU seconds: 2.5 minutes on two idle cores"),
        Derived("seq_len", 384, "keeps memory under 6 GB with a vocabulary of 262,144"),
        Derived("batch_rows", 1, "one packed row per step: more steps for the same minutes"),
        Derived("cut_max", 0.5, "so short rows cut the examples that bring passages along"),
    ),
    "gpu24": (
        Derived("model", *_GPU),
        Derived("rank", 32, "about 20 GB with NF4 weights; EWC's diagonal (1.5 GB) still fits"),
        Derived("learning_rate", *_RATE),
        Derived("steps", *_STEPS),
        Derived("seq_len", 2048, "2 GB of activations when checkpointed: 24 GB hold them"),
        Derived("batch_rows", *_BATCH),
        Derived("cut_max", *_CUT),
    ),
    "gpu48": (
        Derived("model", *_GPU),
        Derived("rank", 128, "about 28 GB; SI's state (12 GB) still fits, at 256 it does not"),
        Derived("learning_rate", *_RATE),
        Derived("steps", *_STEPS),
        Derived("seq_len", 2048, "as gpu24"),
        Derived("batch_rows", *_BATCH),
        Derived("cut_max", *_CUT),
    ),
    "gpu80": (
        Derived("model", *_GPU),
        Derived("rank", 256, "about 38 GB; SI's state (24 GB) still fits"),
        Derived("learning_rate", *_RATE),
        Derived("steps", *_STEPS),
        Derived("seq_len", 2048, "longer rows cost more than they teach here"),
        Derived("batch_rows", 128, "effective batch by accumulation; upper end of what is tried"),
        Derived("cut_max", *_CUT),
    ),
}


class Settings(_Section):
    """All settings. ``home`` holds everything that is made; ``library`` is watched for books."""

    home: Path
    profile: Profile = "tiny"
    library: Path | None = Field(default=None, description="folder of books; default <home>/books")
    preview_rows: int = Field(default=3, ge=0, le=20, description="rows of text shown in the UI")
    pages_url: str = Field(
        default="http://127.0.0.1:3001", pattern=r"^(https?://[^\s/]+(/\S*)?)?$",
        description="where links in the UI find `booktune pages`; empty: links to files",
    )  # fmt: skip
    reading: Reading = Reading()
    concepts: Concepts = Concepts()
    pairs: Pairs = Pairs()
    llm: Llm = Llm()
    mix: Mix = Mix()
    licences: Licences = Licences()
    rehearsal: Rehearsal = Rehearsal()
    training: Training = Training()
    post: Post = Post()
    beam: Beam = Beam()
    evaluation: Evaluation = Evaluation()

    @classmethod
    def load(cls, home: Path | None = None, file: Path | None = None) -> Settings:
        """Settings for a home: arguments first, then environment, then defaults.

        Raises ``BookError(BAD_SETTING)`` that names the file, the key and what is allowed.
        """
        chosen = Path(home or os.environ.get("BOOKTUNE_HOME") or PROJECT / "data").expanduser()
        chosen = chosen.absolute()
        path = file or _settings_file(chosen)
        raw: dict[str, object] = {}
        if path is not None:
            try:
                raw = tomllib.loads(path.read_text())
            except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
                raise BookError(
                    Code.BAD_SETTING, f"Mend the file: {problem}", file=path
                ) from problem
        try:
            return cls.model_validate({**raw, "home": chosen})
        except ValidationError as problem:
            name, remedy = fault_of(problem, cls)
            raise BookError(
                Code.BAD_SETTING, f"{name}: {remedy}", file=path or "defaults", key=name
            ) from problem

    @classmethod
    def file_of(cls, home: Path) -> Path | None:
        """The settings file that counts for a home, if there is any."""
        return _settings_file(home)

    @property
    def asked(self) -> Evaluation:
        """What an evaluation asks under this profile."""
        return self.evaluation.on(self.profile)

    @property
    def books(self) -> Path:
        """The folder that is watched for books."""
        return (self.library or self.home / "books").expanduser()

    @property
    def lake(self) -> Path:
        """Root of the Parquet lake."""
        return self.home / "lake"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file of the marts: disposable, rebuilt from the lake."""
        return self.home / "warehouse" / "booktune.duckdb"

    @property
    def reports(self) -> Path:
        """Folder of HTML reports."""
        return self.home / "reports"

    @property
    def models(self) -> Path:
        """Cache of converted base models."""
        return self.home / "models"

    @property
    def cache(self) -> Path:
        """What can be made again: recognised pages, generations, dbt's files. Safe to delete."""
        return self.home / "cache"

    @property
    def calls(self) -> Path:
        """Every reply of a teacher, by what was asked; see ``llm/cache.py``."""
        return self.cache / "llm" / "calls.sqlite"

    @property
    def exports(self) -> Path:
        """Folder of JSONL and Parquet exports of the sets."""
        return self.home / "exports"

    @property
    def dagster_home(self) -> Path:
        """DAGSTER_HOME of the instance that the CLI and the UI share."""
        return self.home / "dagster"

    @property
    def llm_key(self) -> str:
        """The key of the model server, from the variable that the settings name."""
        name = self.llm.api_key_env
        if name and not os.environ.get(name):
            raise BookError(
                Code.BAD_SETTING, f"Set the variable {name}, or clear llm.api_key_env", key=name
            )
        return os.environ[name] if name else ""

    @property
    def vllm_python(self) -> str:
        """The interpreter that has vLLM."""
        named = self.llm.vllm_python or os.environ.get("BOOKTUNE_VLLM_PYTHON", "")
        return str(Path(named).expanduser()) if named else sys.executable

    @cached_property
    def derived(self) -> dict[str, Derived]:
        """The profile's figures after the overrides of ``[training]``, each with its reason."""
        figures = {item.name: item for item in _PROFILES[self.profile]}
        for name in figures:
            own = getattr(self.training, name)
            if own is not None:
                figures[name] = Derived(name, own, "set in booktune.toml")
        return figures

    def digest_for(self, *sections: str) -> str:
        """Digest of the named sections (``"profile"`` for the derived training figures)."""
        picked: dict[str, object] = {}
        for name in sections:
            if name == "profile":
                picked[name] = {key: item.value for key, item in self.derived.items()}
            else:
                picked[name] = getattr(self, name).model_dump(mode="json")
        return digest(picked)


def _settings_file(home: Path) -> Path | None:
    """The one file that counts: named by the environment, in the home, or in the checkout."""
    named = os.environ.get("BOOKTUNE_SETTINGS")
    if named:
        return Path(named).expanduser()
    for path in (home / "booktune.toml", PROJECT / "booktune.toml"):
        if path.is_file():
            return path
    return None

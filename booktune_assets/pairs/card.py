"""The data card of an export: ``README.md`` as the Hugging Face hub reads it.

Belongs here: its text and its head. Does not: rows, forms, writing, the figures' making.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from booktune_assets.pairs.licences import Licence, licence_of

__all__ = ["About", "data_card", "overlaps", "pass_rates", "root_card"]

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_HUB = (
    "apache-2.0", "mit", "isc", "cc0-1.0", "cc-by-4.0", "cc-by-3.0", "cc-by-sa-4.0", "cc-by-sa-3.0",
    "cc-by-nc-4.0", "cc-by-nc-sa-4.0", "cc-by-nc-nd-4.0", "cc-by-nd-4.0", "bsd-2-clause",
    "bsd-3-clause", "mpl-2.0", "gfdl", "unlicense", "zlib", "epl-2.0", "gpl-3.0", "lgpl-3.0",
)  # fmt: skip
_SHOWN = 12  # chapters with the largest deficits


@dataclass(frozen=True, slots=True)
class About:
    """What a card says beside the rows.

    ``licences`` by book as they are stated, ``titles`` and ``authors`` as the file names them;
    ``copied`` is the share of each book in answers;
    ``mix`` and ``dropped`` are the set's own tables; ``gates`` are counts of refused candidates by
    gate and ``kept`` those that passed; ``decontamination`` and ``projection`` are lines of text;
    ``rendered`` says what the target model's chat format makes of the rows.
    """

    licences: Mapping[str, str] = field(default_factory=dict[str, str])
    titles: Mapping[str, str] = field(default_factory=dict[str, str])
    authors: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    copied: Mapping[str, float] = field(default_factory=dict[str, float])
    mix: pl.DataFrame | None = None
    dropped: pl.DataFrame | None = None
    gates: Mapping[str, int] = field(default_factory=dict[str, int])
    kept: int = 0
    decontamination: Sequence[str] = ()
    projection: Sequence[str] = ()
    order: str = "book"
    rendered: str = ""

    @property
    def ordered(self) -> bool:
        """Is the order of the rows meant to be kept by the trainer?"""
        return self.order != "shuffled"


def data_card(
    frame: pl.DataFrame, form: str, splits: Mapping[str, int], about: About,
    worse: pl.DataFrame | None = None,
) -> str:  # fmt: skip
    """Head and text for the folder of one form; ``splits`` are its rows, ``worse`` those of its
    preferences."""
    import yaml

    known = {book: licence_of(about.licences.get(book)) for book in _by(frame, "book_id")}
    told = _head(frame.height, form, splits, known)
    if worse is not None and worse.height:
        told["configs"].append(_preference_config())
    head = yaml.safe_dump(told, sort_keys=False, allow_unicode=True)
    lines = ["---", head.rstrip(), "---", "", f"# Questions and answers from books ({form})", ""]
    lines += [
        f"{frame.height:,} examples, made by booktune. Extractive answers are quoted from a book "
        "or are mechanical transforms of a quotation; a teacher's answers are checked against "
        "quotes. `evidence` (in the row, or in `lineage.parquet` by `example_id`) names block, "
        "page or part, offsets and file of every quote.",
        "",
    ]
    lines += _counts("Split", splits)
    for title, column in (
        ("Task", "family"), ("Kind of answer", "kind"), ("Level", "level"),
        ("Generator", "generator"), ("Verification", "verification"),
    ):  # fmt: skip
        lines += _counts(title, _by(frame, column))
    lines += _composition(about.mix)
    lines += _gates(about)
    lines += _left_out(about.dropped)
    lines += ["## Chat format", "", about.rendered or "No model's chat format was tried.", ""]
    lines += ["## Decontamination", "", *(about.decontamination or ["No report was given."]), ""]
    lines += _licences(frame, known, about)
    lines += _gaps(about.mix)
    if about.projection:
        lines += ["## To have more", "", *(f"- {line.strip()}" for line in about.projection), ""]
    return "\n".join([*lines, *_preferences(worse), *_use(form, about)])


def pass_rates(gates: Mapping[str, int], kept: int) -> list[tuple[str, int, int]]:
    """(gate, candidates that came to it, refused), cheapest gate first."""
    left = kept + sum(gates.values())
    rows: list[tuple[str, int, int]] = []
    for gate in sorted(gates, key=lambda name: (not name.startswith("G"), name)):
        rows.append((gate, left, gates[gate]))
        left -= gates[gate]
    return rows


def root_card(
    frame: pl.DataFrame, forms: Mapping[str, Mapping[str, int]], about: About,
    worse: Mapping[str, int] | None = None,
) -> str:  # fmt: skip
    """The card of all folders together: one configuration for each form, with its splits' rows.

    ``frame`` are rows of any of the sets: books and licences are taken from it. ``worse`` are how
    many preferences lie beside a form.
    """
    import yaml

    known = {book: licence_of(about.licences.get(book)) for book in _by(frame, "book_id")}
    most = max((sum(rows.values()) for rows in forms.values()), default=0)
    head = _head(most, "", {}, known) | {"pretty_name": "Questions and answers from books"}
    head["configs"] = [
        {
            "config_name": form,
            "data_files": _files(forms[form], f"{form}/"),
            **({"default": True} if form == "messages" else {}),
        }
        for form in sorted(forms)
    ]
    for form in sorted(form for form, count in (worse or {}).items() if count):
        head["configs"].append(_preference_config(form))
    lines = ["---", yaml.safe_dump(head, sort_keys=False, allow_unicode=True).rstrip(), "---", ""]
    lines += ["# Questions and answers from books", "", "Made by booktune. Each folder holds the "]
    lines[-1] += "examples in another form, and a card of its own with composition, gates and gaps."
    lines += ["", "| Form | Train | Held out |", "| --- | ---: | ---: |"]
    for form in sorted(forms):
        rows = forms[form]
        train, held = (f"{rows.get(split, 0):,}" for split in ("train", "heldout"))
        lines += [f"| [{form}]({form}/README.md) | {train} | {held} |"]
    lines += ["", "| Book | Title and authors | Licence | Uses |", "| --- | --- | --- | --- |"]
    for book, licence in known.items():
        stated = licence.name.replace("|", "/") or "not stated"
        lines += [f"| {book} | {_credit(book, about)} | {stated} | {_uses(licence)} |"]
    return "\n".join([*lines, *_unnamed(known, about), ""])


def overlaps(benchmarks: object) -> list[str]:
    """Lines of the decontamination report, from the notes of a set (``Overlap`` as mappings)."""
    rows = benchmarks if isinstance(benchmarks, list) else []
    if not rows:
        return []
    lines = ["Pairs that show what a benchmark asks were left out (gate G9).", ""]
    lines += ["| Benchmark | Items | Left out | 5-grams of words | of code | Held: words | code |"]
    lines += ["| --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for row in rows:
        figures = (f"{row[name]:.2%}" for name in ("words", "code", "words_held", "code_held"))
        lines += [f"| {row['name']} | {row['items']} | {row['hits']} | {' | '.join(figures)} |"]
    return lines


def _head(
    total: int, form: str, splits: Mapping[str, int], known: Mapping[str, Licence]
) -> dict[str, Any]:
    size = next((name for limit, name in _SIZES if total < limit), "n>1M")
    names = sorted({licence.name for licence in known.values()})
    one = names[0].lower() if len(names) == 1 else ""
    head: dict[str, Any] = {"language": ["en", "code"]}
    if one in _HUB:
        head["license"] = one
    else:
        head |= {"license": "other", "license_name": "as-of-each-book", "license_link": "README.md"}
    return head | {
        "task_categories": ["text-generation", "question-answering"],
        "size_categories": [size],
        "source_datasets": ["original"],
        "annotations_creators": ["machine-generated"],
        "pretty_name": f"Books as {form.replace('_', ' and ')} examples",
        "tags": ["elixir", "erlang", "code"],
        "configs": [{"config_name": form, "data_files": _files(splits), "default": True}],
    }


def _files(splits: Mapping[str, int], folder: str = "") -> list[dict[str, str]]:
    names = {"train": "train", "heldout": "validation"}
    return [
        {"split": names[split], "path": f"{folder}{split}.parquet"}
        for split in sorted(splits, reverse=True)
    ]


def _composition(mix: pl.DataFrame | None) -> list[str]:
    if mix is None or mix.is_empty():
        return []
    lines = ["## Composition", "", "| Part | Had | In the set | Share | Aimed at | Missing |"]
    lines += ["| --- | ---: | ---: | ---: | --- | ---: |"]
    for row in mix.filter(pl.col("low").is_not_null()).to_dicts():
        aim = f"{row['low']:.0%}–{row['high']:.0%} of {row['unit']}"
        lines += [
            f"| {row['name']} | {row['available']:,} | {row['got']:,} | {row['share']:.1%} | {aim} "
            f"| {row['deficit']:,} |"
        ]
    return [*lines, ""]


def _gates(about: About) -> list[str]:
    if not about.gates:
        return []
    lines = ["## Gates", "", "| Gate | Came to it | Refused | Passed |"]
    lines += ["| --- | ---: | ---: | ---: |"]
    for gate, came, refused in pass_rates(about.gates, about.kept):
        rate = f"{1 - refused / came:.1%}" if came else "–"
        lines += [f"| {gate} | {came:,} | {refused:,} | {rate} |"]
    return [*lines, ""]


def _left_out(dropped: pl.DataFrame | None) -> list[str]:
    if dropped is None or dropped.is_empty():
        return []
    lines = ["## Left out of this set", "", "| Rule | Reason | Pairs |", "| --- | --- | ---: |"]
    counted = dropped.group_by("gate", "reason").len().sort("gate", "reason")
    return [*lines, *(f"| {g} | {r} | {n:,} |" for g, r, n in counted.iter_rows()), ""]


def _licences(frame: pl.DataFrame, known: Mapping[str, Licence], about: About) -> list[str]:
    lines = ["## Books and licences", ""]
    lines += ["| Book | Title and authors | Examples | Licence | Uses | Of the book in answers "]
    lines[-1] += "| Longest run |"
    lines += ["| --- | --- | ---: | --- | --- | ---: | ---: |"]
    runs = dict(frame.group_by("book_id").agg(pl.col("copied_chars").max()).iter_rows())
    for book, count in _by(frame, "book_id").items():
        licence = known[book]
        share = f"{about.copied[book]:.1%}" if book in about.copied else "–"
        stated = licence.name.replace("|", "/") or "not stated"
        lines += [
            f"| {book} | {_credit(book, about)} | {count:,} | {stated} | {_uses(licence)} "
            f"| {share} | {runs[book]:,} |"
        ]
    lines += _unnamed(known, about)
    private = sorted(book for book, licence in known.items() if not licence.share)
    if private:
        lines += ["", f"**Do not publish this set**: {', '.join(private)} may not be shared so."]
    return [*lines, ""]


def _credit(book: str, about: About) -> str:
    """Title and authors of a book for a cell of a table."""
    title = " ".join(about.titles.get(book, "").split())
    names = ", ".join(" ".join(name.split()) for name in about.authors.get(book, ()))
    said = f"*{title}*" if title else ""
    said += f"{', ' if title else ''}{names}" if names else ""
    return said.replace("|", "/") or "–"


def _unnamed(known: Mapping[str, Licence], about: About) -> list[str]:
    """Books whose authors have to be named, and whose file names none."""
    missing = [book for book, licence in known.items() if licence.credit and not any(
        name.strip() for name in about.authors.get(book, ()))]  # fmt: skip
    if not missing:
        return []
    said = f"The files of {', '.join(sorted(missing))} name no author: name them before you publish"
    return ["", f"**{said}.**"]


def _uses(licence: Licence) -> str:
    said = ["train", *(["share"] if licence.share else [])]
    said += ["share alike"] if licence.kind == "sharealike" or "-SA" in licence.name else []
    said += ["name the authors"] if licence.credit else []
    return ", ".join(said if licence.commercial else [*said, "non-commercial"])


def _gaps(mix: pl.DataFrame | None) -> list[str]:
    if mix is None:
        return []
    short = mix.filter(pl.col("deficit") > 0)
    lines = ["## Known gaps", "", "What is missing was not padded.", ""]
    for row in short.filter(pl.col("dimension") != "chapter").to_dicts():
        lines += [
            f"- {row['dimension'].replace('_', ' ')}: {row['name']}: {row['deficit']:,} "
            f"{row['unit']} short of {row['quota']:,}{_spare(row)}"
        ]
    chapters = short.filter(pl.col("dimension") == "chapter")
    worst = chapters.sort(["deficit", "name"], descending=[True, False]).head(_SHOWN)
    lines += [
        f"- chapter {row['name']}: {row['got']:,} rows where its text stands for {row['quota']:,}"
        for row in worst.to_dicts()
    ]
    if chapters.height > _SHOWN:
        lines += [f"- and {chapters.height - _SHOWN} more chapters"]
    return [*lines, ""]


def _preference_config(form: str = "") -> dict[str, object]:
    name, folder = (f"{form}_preference", f"{form}/") if form else ("preference", "")
    files = [{"split": "train", "path": f"{folder}preference.parquet"}]
    return {"config_name": name, "data_files": files}


def _preferences(worse: pl.DataFrame | None) -> list[str]:
    if worse is None or worse.is_empty():
        return []
    lines = [
        "## Preferences", "",
        f"`preference.jsonl` and `preference.parquet` have {worse.height:,} questions of the "
        "training rows with a better and a worse answer: `prompt chosen rejected`, each plain "
        "text, as TRL's `DPOTrainer` and LLaMA-Factory (`ranking: true`) read them.", "",
        "| The worse answer is | Rows |", "| --- | ---: |",
    ]  # fmt: skip
    words = {
        "mutant": "the code with a fault that a run found", "question": "what a gate refused",
        "statement": "the statement that is false",
    }  # fmt: skip
    counted = worse.group_by("match").len().sort("match")
    return [*lines, *(f"| {words[name]} | {count:,} |" for name, count in counted.iter_rows()), ""]


def _spare(row: Mapping[str, Any]) -> str:
    """What there is of a kind that is missing, and why it is not in the set all the same."""
    spare = row["available"] - row["got"]
    if row["dimension"] != "level" or spare <= 0:
        return ""
    return f"; {spare:,} more left by another rule (see above: a lesson says them, a band is full)"


def _use(form: str, about: About) -> list[str]:
    lines = [
        "## Use", "",
        "Sections are held out whole, and sections that repeat each other fall on one side.", "",
        f"Rows are in the order of learning (`{about.order}`). Trainers shuffle unless told not "
        "to: LLaMA-Factory `disable_shuffling: true`, axolotl `curriculum_sampling: true`, TRL a "
        "sequential sampler. Train a shuffled control as well.", "",
    ]  # fmt: skip
    if form == "prompt_completion":
        lines += ["Of a talk of several turns the last answer is the completion.", ""]
    if form in ("sharegpt", "alpaca"):
        lines += [
            "JSON lines have page 0 and an empty href where a format has none, and concept ids "
            "joined by blanks; Parquet has nulls and lists.", "",
        ]  # fmt: skip
    return lines


def _by(frame: pl.DataFrame, column: str) -> dict[str, int]:
    counted = frame.group_by(column).len().sort(column)
    return {str(name): int(count) for name, count in counted.iter_rows()}


def _counts(title: str, counts: Mapping[str, int]) -> list[str]:
    rows = [f"| {name} | {count:,} |" for name, count in sorted(counts.items())]
    return [f"| {title} | Examples |", "| --- | ---: |", *rows, ""]

"""What it costs to build a set of a million examples, and what is left of its duplicates.

    .venv/bin/python benchmarks/dataset_build.py [ROWS] [SAMPLE] [--alike CONCEPTS]

Examples are made up from the words and listings of ``data/evals`` and of this file, with the
lengths that books give; one in ten is a planted copy: the same, with other names of variables, with
other words in it, with another question around it; and a few show a benchmark's solution. Then G8
and G9 run, with vectors where their package is installed. Few of these pairs are compared by
meaning, as their sentences hold numbers, and two with different numbers never mean the same.
``--alike`` makes the hard case instead: prose without numbers about so few concepts that each has
crowds of pairs, all of which have to be compared. What is left of duplicates is measured by
other code: sets of token n-grams in plain Python, all against all, over the neighbourhood of a
sample.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import polars as pl

from booktune_assets.chain.clean import meanings
from booktune_assets.pairs.benchmarks import load_benchmarks
from booktune_assets.pairs.clean import clean
from booktune_assets.schemas_pairs import PAIR_FAMILIES, VERIFICATIONS

_STEMS = """
process message list function module value key map tuple atom string binary server client state
call cast reply timeout supervisor child restart worker queue table record field guard clause
pattern match variable scope closure stream enumerable integer float range byte node cluster port
socket request response header body route plug schema query index cache lock token parser lexer
compiler macro quote tree leaf branch root path file line column buffer chunk batch event handler
"""
_VERBS = "returns holds sends takes keeps starts stops checks builds splits joins reads writes"
_FILL = "the a each every one this its that when while because before after with without into"
STEMS, VERBS, FILL = _STEMS.split(), _VERBS.split(), _FILL.split()
ASKS = (
    "What does the {0} do with the {1} in this part of the program?",
    "Explain how a {0} {2} its {1}.",
    "Write a function that takes a {0} and gives its {1}, counting from {3}.",
    "In Elixir, which result does this expression give for the {0} of the {1}?",
    "How would you define a {0} for a {1}?",
)
LISTING = """def {f}({a}, {b}) do
  {c} = Enum.map({a}, fn {d} -> {d} * {n} + {m} end)
  {c}
  |> Enum.filter(&(&1 > {k}))
  |> Enum.reduce({b}, fn {d}, acc -> Map.put(acc, :{g}, {d}) end)
end"""


def _sentence(say: random.Random, *, numbered: bool = True) -> str:
    words = [say.choice(STEMS) if say.random() < 0.5 else say.choice(FILL) for _ in range(12)]
    words.insert(2, say.choice(VERBS))
    return " ".join(words).capitalize() + (f" {say.randrange(1000)}." if numbered else ".")


def _listing(say: random.Random) -> dict[str, object]:
    return {
        "f": f"{say.choice(STEMS)}_{say.choice(STEMS)}", "a": say.choice(STEMS), "b": "into",
        "c": f"{say.choice(STEMS)}s", "d": "each", "n": say.randrange(1000),
        "m": say.randrange(1000), "k": say.randrange(1000), "g": say.choice(STEMS),
    }  # fmt: skip


def _example(say: random.Random) -> tuple[str, str]:
    ask = say.choice(ASKS).format(
        say.choice(STEMS), say.choice(STEMS), say.choice(VERBS), say.randrange(100_000)
    )
    if say.random() < 0.5:
        return f"{ask} {_sentence(say)}", " ".join(_sentence(say) for _ in range(4))
    code = f"```elixir\n{LISTING.format(**_listing(say))}\n```"
    return f"{ask}\n\n{code}", " ".join(_sentence(say) for _ in range(2))


def _copy(say: random.Random, question: str, answer: str) -> tuple[str, str]:
    """The pair again: as it is, with other names, or with a few other words."""
    kind = say.randrange(3)
    if kind == 0 and "```" in question:
        return re.sub(r"\beach\b", f"one_{say.randrange(99)}", question), answer
    if kind == 1:
        words = answer.split(" ")
        words[say.randrange(len(words))] = say.choice(STEMS)
        return question, " ".join(words)
    return question.replace("  ", " \n "), f"{answer} "


def _told(say: random.Random) -> tuple[str, str]:
    """Prose about something, without numbers: what is compared by meaning."""
    about = [f"{say.choice(STEMS)}{say.choice(STEMS)}" for _ in range(4)]
    ask = say.choice((*ASKS[:2], *ASKS[3:])).format(*about[:2], say.choice(VERBS))
    told = (f"The {say.choice(about)} {_sentence(say, numbered=False)}" for _ in range(4))
    return ask, " ".join(told)


def _reworded(say: random.Random, question: str, answer: str) -> tuple[str, str]:
    """The same words in another order: no five in a row are left, and what is said is as near."""
    words, told = question.rstrip("?.").split(" "), answer.split(" ")
    say.shuffle(words)
    say.shuffle(told)
    return f"Tell me of this: {' '.join(words)}.", " ".join(told)


def _rows(number: int, seed: int = 5, *, alike: bool = False) -> Iterator[tuple[str, str]]:
    """Examples; a copy stands anywhere behind its original."""
    say = random.Random(seed)
    waiting: list[tuple[str, str]] = []
    solutions = [one.code[0][1] for bench in load_benchmarks() for one in bench.items if one.code]
    for _ in range(number):
        if waiting and say.random() < 0.1:
            again = waiting[say.randrange(len(waiting))]
            plain = alike and not any(map(str.isdigit, "".join(again)))
            yield (_reworded if plain and say.random() < 0.3 else _copy)(say, *again)
            continue
        question, answer = _told(say) if alike and say.random() < 0.5 else _example(say)
        if say.random() < 0.0002:
            answer = f"```elixir\n{say.choice(solutions)}\n```"
        waiting.append((question, answer))
        if len(waiting) > 5000:
            waiting.pop(say.randrange(5000))
        yield question, answer


def _pairs(number: int, alike: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Tables with the columns that the gates read, and evidence, made a part at a time."""
    parts: list[pl.DataFrame] = []
    made = _rows(number, alike=bool(alike))
    for start in range(0, number, 50_000):
        rows = [row for _, row in zip(range(min(50_000, number - start)), made, strict=False)]
        ids = [f"pair_{start + place:020x}" for place in range(len(rows))]
        turns = [
            [{"role": "user", "content": q}, {"role": "assistant", "content": a}] for q, a in rows
        ]
        parts.append(
            pl.DataFrame(
                {
                    "pair_id": ids,
                    "turns": turns,
                    "concept_ids": [[f"con_{_about(q, a, alike)}"] for q, a in rows],
                    "answer_chars": [len(a) for _, a in rows],
                }
            ).with_columns(
                book_id=pl.lit("made-up"),
                family=pl.lit("explain_code", pl.Enum(PAIR_FAMILIES)).cast(pl.String),
                verification=pl.lit(VERIFICATIONS[0]),
            )
        )
    pairs = pl.concat(parts, rechunk=True)
    evidence = pairs.select(
        "pair_id", role=pl.lit("answer"), section_id="pair_id",
        char_start=pl.lit(0, pl.Int32), char_end=pl.col("answer_chars").cast(pl.Int32),
    )  # fmt: skip
    return pairs, evidence


def _about(question: str, answer: str, alike: int) -> int:
    """The number of a concept; with few of them, one that the same letters share."""
    return sum(map(ord, answer)) % alike if alike else hash_of(question) % 4000


def hash_of(question: str) -> int:
    """A number that copies with other words in the answer share."""
    return sum(map(ord, question[:40]))


def _grams(text: str) -> set[tuple[str, ...]]:
    prose = re.sub(r"(?ms)^```.*?^```$", " ", text)
    code = " ".join(re.findall(r"(?ms)^```\w*\n(.*?)^```$", text))
    found: set[tuple[str, ...]] = set()
    for tokens in (re.findall(r"\w+", prose.lower()), re.findall(r"\w+|[^\w\s]", code)):
        found |= {tuple(tokens[at : at + 5]) for at in range(max(1, len(tokens) - 4)) if tokens}
    return found


def left_over(pairs: pl.DataFrame, sample: int) -> tuple[int, int]:
    """(pairs of a sample, those with a near duplicate in it), every one against every other.

    The sample are rows that begin alike, so that what is near is in it together: a random sample of
    a million would never hold both of two.
    """
    key = pl.col("turns").list.first().struct.field("content").str.slice(0, 60)
    near = pairs.with_columns(key=key).sort("key", "pair_id").head(sample)
    sets = [_grams("\n\n".join(t["content"] for t in turns)) for turns in near["turns"].to_list()]
    bad: set[int] = set()
    for one, other in combinations(range(len(sets)), 2):
        small, large = sorted((len(sets[one]), len(sets[other])))
        if small < 0.7 * large:
            continue
        common = len(sets[one] & sets[other])
        if common >= 0.7 * (small + large - common):
            bad.add(other)
    return len(sets), len(bad)


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def make(number: int, alike: int, folder: Path) -> None:
    """Write the examples and their evidence."""
    pairs, evidence = _pairs(number, alike)
    pairs.write_parquet(folder / "pairs.parquet")
    evidence.write_parquet(folder / "evidence.parquet")


def build(number: int, sample: int, folder: Path) -> None:
    """Read them and run the gates; memory is that of the process that does it and nothing else."""
    pairs = pl.read_parquet(folder / "pairs.parquet")
    evidence = pl.read_parquet(folder / "evidence.parquet")
    print(f"{number:,} examples, {pairs.estimated_size('mb'):,.0f} MB", flush=True)
    start, cpu = time.monotonic(), time.process_time()
    result = clean(pairs, evidence, load_benchmarks(), vectors=meanings())
    took, used = time.monotonic() - start, time.process_time() - cpu
    print(f"G8 and G9: {took:.0f} s, {used:.0f} CPU s, {_memory():.1f} GB at most; "
          f"{result.pairs.height:,} stay", flush=True)  # fmt: skip
    reasons = pl.DataFrame(result.dropped).group_by("gate", "reason").len().sort("gate", "reason")
    for gate, reason, count in reasons.rows():
        print(f"  {gate} {reason}: {count:,}")
    for one in result.overlaps:
        print(f"{one.name}: {one.hits} hits, words {one.words:.4%}, code {one.code:.4%}")
    before, after = left_over(pairs, sample), left_over(result.pairs, sample)
    print(f"near duplicates among {before[0]:,} neighbours: {before[1] / before[0]:.2%} before, "
          f"{after[1] / after[0]:.2%} after")  # fmt: skip


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("rows", nargs="?", type=int, default=1_000_000)
    asked.add_argument("sample", nargs="?", type=int, default=2_000)
    asked.add_argument("--alike", type=int, default=0, help="prose about so many concepts")
    asked.add_argument("--make", type=Path, help="only write the examples to this folder")
    got = asked.parse_args()
    if got.make:
        make(got.rows, got.alike, got.make)
        return
    with tempfile.TemporaryDirectory() as folder:
        # in a process of its own: what made the examples is no part of the build
        command = [sys.executable, __file__, str(got.rows), "--alike", str(got.alike)]
        subprocess.run([*command, "--make", folder], check=True)
        build(got.rows, got.sample, Path(folder))


if __name__ == "__main__":
    main()

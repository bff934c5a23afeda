"""How well prerequisites are found, against a syllabus that people made, and how fast.

    .venv/bin/python benchmarks/concepts.py GOLD.json BOOK …        # books; a folder: its files
    .venv/bin/python benchmarks/concepts.py --fit GOLD.json BOOK …  # weights anew, cross-validated
    .venv/bin/python benchmarks/concepts.py --erlang BOOK …         # our own pairs for Erlang

GOLD has ``concepts`` (slug, name, role) and ``edges`` ([prerequisite, concept]), with every edge
into a concept of role ``target``. Names are matched by a general rule: case, number and hyphens do
not matter, wordings of the lexicon do. A pair of two such concepts is scored whatever its score.

Two ways to count: ``closure`` takes an edge for right when the syllabus leads from one to the other
over any number of steps (of a half syllabus only the known steps: a lower bound), ``direct`` only
when that very edge is drawn. Recall is always of the drawn edges.
"""

from __future__ import annotations

import json
import math
import random
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from _words import words

from booktune_assets.books.reader import read_book
from booktune_assets.books.sections import into_sections
from booktune_assets.concepts.candidates import known_concepts
from booktune_assets.concepts.edges import score_of
from booktune_assets.concepts.graph import into_concepts
from booktune_assets.concepts.shelf import Shelved, open_shelf
from booktune_assets.concepts.signals import FEATURES, Features
from booktune_assets.concepts.wordings import alone, loose_key
from booktune_assets.ids import slug
from booktune_assets.settings import Reading

Pair = tuple[str, str]
RECALL = 0.40
FOLDS, ROUNDS = 4, 10

# What has to be known before what, in any Erlang book; labels of the lexicon, our own judgement.
ERLANG = """
atom > tagged tuple; tuple > tagged tuple; tuple > record; list > cons operator;
list > comprehension; cons operator > recursion; pattern matching > case; pattern matching > guard;
pattern matching > function clause; pattern matching > receive; pattern matching > record;
variable > pattern matching; function clause > recursion; recursion > tail recursion;
recursion > process state; anonymous function > higher-order function; module > export;
module > behaviour; anonymous function > closure; arity > export; process > message passing;
process > PID; PID > message passing; spawn > message passing; message passing > receive;
process > link; process > monitor; link > exit signal; exit signal > trapping exits;
link > trapping exits; receive > timeout; receive > selective receive; process > supervisor;
link > supervisor; behaviour > GenServer; callback > GenServer; process > GenServer;
message passing > GenServer; GenServer > supervisor; supervisor > supervision tree;
supervisor > supervision strategy; supervisor > OTP application; tuple > ETS; process > ETS;
list > string; exception > try and rescue; behaviour > state machine; record > Mnesia
"""


@dataclass(frozen=True)
class Row:
    """One pair of the syllabus with its features and what the syllabus says of it."""

    pair: Pair
    features: Features | None
    direct: bool
    closure: bool
    reversed: bool


def shelf_of(names: Iterable[str]) -> tuple[Shelved, dict[str, Any], int, float]:
    """Books read and pooled; their frames; characters; CPU seconds of the graph."""
    books: dict[str, tuple[str, dict[str, pl.DataFrame]]] = {}
    files = [
        path
        for name in names
        for path in (sorted(Path(name).iterdir()) if Path(name).is_dir() else [Path(name)])
    ]
    chars = 0
    for path in files:
        key = slug(path.stem)
        raw = read_book(path, key, Reading()).frames
        parts = (raw[f"raw_books__{part}"] for part in ("blocks", "spans", "pages", "links"))
        frames = into_sections(key, str(raw["raw_books"]["file_sha256"][0]), *parts)
        books[key] = (str(raw["raw_books"]["format"][0]), frames)
        chars += int(frames["sections"]["chars"].sum())
    start = time.process_time()
    made = open_shelf(books)
    return made, books, chars, time.process_time() - start


def closure(edges: Iterable[Pair]) -> set[Pair]:
    """All pairs that are joined by steps."""
    found = set(edges)
    while True:
        more = {(a, d) for a, b in found for c, d in found if b == c} - found
        if not more:
            return found
        found |= more


def labels_of(made: Shelved, concepts: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Our label of each concept of the syllabus that the books teach."""
    taught = set(made.labels)
    names = alone(one.known for part in made.parts for one in part.concepts.values())
    names = alone(known_concepts().values()) | names
    found: dict[str, str] = {}
    for concept in concepts:
        for wording in (concept["name"], concept["slug"].replace("-", " ")):
            known = names.get(loose_key(wording))
            if known is not None and known.label in taught:
                found[concept["slug"]] = known.label
                break
    return found


def rows_of(made: Shelved, gold: Mapping[str, Any], label: Mapping[str, str]) -> list[Row]:
    """All pairs into the targets, both ways round where the books introduce them so."""
    drawn = {(a, b) for a, b in gold["edges"]}
    reached = closure(drawn)
    targets = [one["slug"] for one in gold["concepts"] if one["role"] == "target"]
    return [
        Row(
            (a, b), made.signals.features(label[a], label[b]), (a, b) in drawn, (a, b) in reached,
            (b, a) in reached,
        )
        for b in targets if b in label
        for a in sorted(label) if a != b and label[a] != label[b]
    ]  # fmt: skip


def direction(made: Shelved, gold: Mapping[str, Any], label: Mapping[str, str]) -> None:
    """Print how often the order of the books agrees with the syllabus."""
    drawn = {(a, b) for a, b in gold["edges"]}
    for name, pairs in (("direct", drawn), ("closure", closure(drawn))):
        right = wrong = 0
        for a, b in sorted(pairs):
            gap = made.signals.gap(label[a], label[b]) if a in label and b in label else None
            right += gap is not None and gap > 0
            wrong += gap is not None and gap < 0
        share = right / max(1, right + wrong)
        print(f"direction, {name}: {share:.1%} of {right + wrong} placeable of {len(pairs)}")


def at_recall(scored: Sequence[tuple[float, Row]], drawn: int) -> tuple[float, float, float, int]:
    """Precision by closure, by drawn edges, share reversed, edges: at the recall asked for."""
    order = sorted(scored, key=lambda item: (-item[0], item[1].pair))
    hits = reached = turned = 0
    for count, (_, row) in enumerate(order, start=1):
        hits += row.direct
        reached += row.closure
        turned += row.reversed
        if hits >= RECALL * drawn:
            return reached / count, hits / count, turned / count, count
    return 0.0, 0.0, 0.0, len(order)


def sweep(rows: Sequence[Row], drawn: int) -> None:
    """Print precision and recall over thresholds."""
    scored = [(score_of(row.features), row) for row in rows if row.features is not None]
    print("threshold  edges  precision(closure)  precision(direct)  recall(direct)  reversed")
    for threshold in (0.7, 0.65, 0.6, 0.55, 0.5, 0.45, 0.4, 0.35):
        taken = [row for score, row in scored if score >= threshold]
        count = max(1, len(taken))
        hits = sum(row.direct for row in taken)
        print(
            f"{threshold:9.2f}  {len(taken):5}  {sum(r.closure for r in taken) / count:18.3f}  "
            f"{hits / count:17.3f}  {hits / drawn:14.3f}  "
            f"{sum(r.reversed for r in taken) / count:8.3f}"
        )
    print_at("at recall .40", [at_recall(scored, drawn)])


def taken(made: Shelved, rows: Sequence[Row], label: Mapping[str, str], drawn: int) -> None:
    """Print what the edges of the graph itself are worth: after the few places of each concept."""
    known = {(edge.source, edge.target) for edge in made.edges}
    found = [row for row in rows if (label[row.pair[0]], label[row.pair[1]]) in known]
    count = max(1, len(found))
    wide = Counter(edge.source for edge in made.edges).most_common(4)
    print(
        f"edges of the graph: {len(found)}, precision {sum(r.closure for r in found) / count:.3f} "
        f"(closure), {sum(r.direct for r in found) / count:.3f} (direct), "
        f"recall {sum(r.direct for r in found) / drawn:.3f}, "
        f"reversed {sum(r.reversed for r in found) / count:.1%}; "
        f"commonest sources: {', '.join(f'{name} {n}' for name, n in wide)}"
    )


def print_at(name: str, found: Sequence[tuple[float, float, float, int]]) -> None:
    """Means, and the spread of the first figure."""
    means = [sum(one[i] for one in found) / len(found) for i in range(4)]
    spread = math.sqrt(sum((one[0] - means[0]) ** 2 for one in found) / len(found))
    around = f" ± {spread:.3f}" if len(found) > 1 else ""
    print(
        f"{name}: precision {means[0]:.3f}{around} (closure), {means[1]:.3f} (direct), "
        f"reversed {means[2]:.1%}, {means[3]:.0f} edges"
    )


def fit(rows: Sequence[Row], blend: float = 0.7, ridge: float = 15.0) -> tuple[list[float], Any]:
    """Ridge logistic regression of (blend of closure and drawn) on the features; bias first."""
    import numpy as np

    known = [row for row in rows if row.features is not None]
    x = np.array([row.features for row in known], float)
    y = np.array([blend * row.closure + (1 - blend) * row.direct for row in known])
    mean, spread = x.mean(0), x.std(0) + 1e-9
    a = np.c_[np.ones(len(x)), (x - mean) / spread]
    penalty = np.eye(a.shape[1]) * ridge
    penalty[0, 0] = 1e-6
    w = np.zeros(a.shape[1])
    for _ in range(40):
        p = 1 / (1 + np.exp(-a @ w))
        hessian = a.T @ (a * (p * (1 - p) + 1e-9)[:, None]) + penalty
        w -= np.linalg.solve(hessian, a.T @ (p - y) + penalty @ w)
    raw = w[1:] / spread
    return [float(w[0] - (raw * mean).sum()), *map(float, raw)], known


def validate(rows: Sequence[Row], drawn: int) -> None:
    """Print what weights give on targets that they were not fitted on, and the weights of all."""
    targets = sorted({row.pair[1] for row in rows})
    found: list[tuple[float, float, float, int]] = []
    for seed in range(ROUNDS):
        shuffled = targets[:]
        random.Random(seed).shuffle(shuffled)
        fold = {target: number % FOLDS for number, target in enumerate(shuffled)}
        scored: list[tuple[float, Row]] = []
        for out in range(FOLDS):
            weights, _ = fit([row for row in rows if fold[row.pair[1]] != out])
            scored += [
                (sum(map(_times, weights, (1.0, *row.features))), row)
                for row in rows
                if row.features is not None and fold[row.pair[1]] == out
            ]
        found.append(at_recall(scored, drawn))
    print_at(f"cross-validated over targets ({FOLDS} folds, {ROUNDS} rounds), recall .40", found)
    weights, _ = fit(rows)
    print(
        "bias",
        round(weights[0], 2),
        dict(zip(FEATURES, (round(w, 2) for w in weights[1:]), strict=True)),
    )


def _times(a: float, b: float) -> float:
    return a * b


def erlang(made: Shelved) -> None:
    """Print how our own pairs come out: direction by order, and score above the reversed pair."""
    pairs = [tuple(p.strip().split(" > ")) for p in ERLANG.replace("\n", " ").split(";")]
    taught = set(made.labels)
    placed = [(a, b) for a, b in pairs if a in taught and b in taught]
    right = [(a, b) for a, b in placed if (made.signals.gap(a, b) or 0) > 0]
    wrong = [(a, b) for a, b in placed if (made.signals.gap(a, b) or 0) < 0]
    print(f"Erlang: {len(pairs)} pairs, {len(placed)} in these books; direction "
          f"{len(right) / max(1, len(right) + len(wrong)):.1%}; turned: {wrong}")  # fmt: skip
    needs = closure({(edge.source, edge.target) for edge in made.edges})
    joined = sum(pair in needs for pair in placed)
    turned = sum((b, a) in needs for a, b in placed)
    print(f"joined by edges of the shelf: {joined / max(1, len(placed)):.1%}, reversed {turned}")


def main() -> None:
    wanted = [word for word in words(1) if not word.startswith("--")]
    if "--erlang" in words():
        made, *_ = shelf_of(wanted)
        erlang(made)
        return
    gold = json.loads(Path(wanted[0]).read_text())
    made, books, chars, seconds = shelf_of(wanted[1:])
    print(f"{len(books)} files, {chars:,} characters, {len(made.labels)} concepts, "
          f"{len(made.edges)} edges ({sum(e.direct for e in made.edges)} direct, "
          f"{len(made.dropped)} dropped), {seconds:.2f} CPU s")  # fmt: skip
    for key, (_, frames) in books.items():
        if frames["sections"].height > 50:
            start = time.process_time()
            into_concepts(key, frames["sections"], frames["sections__blocks"], frames)
            print(f"{key}: concept graph in {time.process_time() - start:.2f} CPU s")
    label = labels_of(made, gold["concepts"])
    missing = sorted({one["slug"] for one in gold["concepts"]} - set(label))
    print(f"{len(label)} of {len(gold['concepts'])} concepts found; not: {missing}")
    direction(made, gold, label)
    rows = rows_of(made, gold, label)
    sweep(rows, len(gold["edges"]))
    taken(made, rows, label, len(gold["edges"]))
    if "--fit" in words():
        validate(rows, len(gold["edges"]))


if __name__ == "__main__":
    main()

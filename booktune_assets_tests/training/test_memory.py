"""Memory before anything is loaded: the paper's table, what fits, and which knob helps."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import get_args

import pytest

from booktune_assets import settings_training as sections
from booktune_assets.errors import BookError, Code
from booktune_assets.llm.architecture import KNOWN
from booktune_assets.training.memory import (
    ASKED,
    LENGTHS,
    RANKS,
    Wanted,
    fits,
    largest,
    memory_of,
    require_fit,
)
from booktune_assets.training.memory_states import state_bytes

DEVSTRAL = KNOWN["mistralai/Devstral-Small-2507"][0]
GB = 1e9
BASE = Wanted(DEVSTRAL, rank=32, seq_len=2048)


def _gb(value: float) -> float:
    return round(value / GB, 1)


def test_the_size_of_the_model_and_of_one_unit_of_rank() -> None:
    assert DEVSTRAL.per_rank == 5_775_360
    assert sum(size + out for _, size, out in DEVSTRAL.linears) == 144_384
    assert round(DEVSTRAL.linear_params / GB, 2) == 22.23
    assert round(DEVSTRAL.params / GB, 2) == 23.57
    assert DEVSTRAL.head_dim != DEVSTRAL.hidden // DEVSTRAL.heads


def test_the_base_in_nf4_takes_fourteen_gigabytes() -> None:
    parts = memory_of(BASE).parts
    assert _gb(parts["weights"]) == 11.5
    assert _gb(parts["embeddings and head"]) == 2.7
    assert _gb(parts["weights"] + parts["embeddings and head"]) in (14.1, 14.2)
    plain = memory_of(replace(BASE, quantise=False)).parts
    assert round((plain["weights"] + plain["embeddings and head"]) / GB) == 47


# rank: adapter + gradients + fp32 Adam, the same with 8-bit Adam, EWC diagonal, SI beside the
# run's reference (GB)
@pytest.mark.parametrize(
    ("rank", "adam", "small", "ewc", "si"),
    [(16, 1.5, 0.9, 0.7, 1.5), (32, 3.0, 1.8, 1.5, 3.0), (64, 5.9, 3.7, 3.0, 5.9),
     (128, 11.8, 7.4, 5.9, 11.8), (256, 23.7, 14.8, 11.8, 23.7)],
)  # fmt: skip
def test_the_table_of_ranks(rank: int, adam: float, small: float, ewc: float, si: float) -> None:
    def learned(optimiser: str) -> float:
        parts = memory_of(replace(BASE, rank=rank, optimiser=optimiser)).parts
        return parts["adapter"] + parts["gradients"] + parts["optimiser"]

    wanted = replace(BASE, rank=rank)
    assert _gb(learned("adamw")) == adam
    assert _gb(learned("adamw_8bit")) == small
    diagonal = sections.Ewc(space="lora", fisher="diagonal")
    assert _gb(state_bytes(diagonal, wanted)) == ewc
    assert _gb(state_bytes(sections.Si(), wanted)) == si


def test_activations_and_logits() -> None:
    parts = memory_of(BASE).parts
    assert 0.8 < parts["activations kept"] / GB < 0.95
    assert 0.8 < parts["activations of one layer"] / GB < 1.2
    assert parts["logits"] < 0.2 * GB
    assert _gb(memory_of(replace(BASE, chunked=False)).parts["logits"]) == 2.7
    assert memory_of(replace(BASE, checkpointing=False)).total > 40 * GB


def test_a_foreign_measurement_is_met() -> None:
    """Axolotl says about 21 GB for rank 32, two rows of 2,048 tokens, 8-bit states."""
    assert 19.5 < memory_of(replace(BASE, rows=2)).total / GB < 22.5


def test_gemma_in_four_bits_is_what_was_measured() -> None:
    """721 MB on the CPU, the embeddings in fp32: found by loading it."""
    gemma = Wanted(KNOWN["gemma3-270m"][0], rank=16, seq_len=384, device="cpu")
    parts = memory_of(gemma).parts
    assert abs(parts["weights"] + parts["embeddings and head"] - 721e6) < 10e6


def test_the_factored_fisher_of_the_whole_model_is_small() -> None:
    wanted = replace(BASE, rank=32)
    anchor = 4 * wanted.trained
    assert state_bytes(sections.Ewc(), wanted) - anchor < 30e6
    wide = sections.Ewc(fisher="kfac", full_max=32768)
    assert state_bytes(wide, wanted) > 100 * GB
    assert state_bytes(sections.Ewc(fisher="kfac"), wanted) - anchor < 400e6, "wider: diagonals"


def test_every_kind_of_the_settings_is_counted() -> None:
    union = get_args(get_args(sections.Forgetting)[0])
    assert len(union) >= 14
    for section in union:
        assert state_bytes(section(), BASE) >= 0


def test_what_does_not_fit_is_refused_with_the_knob_that_helps() -> None:
    wide = replace(BASE, rank=256)
    assert not fits(memory_of(wide), 24 * GB)
    with pytest.raises(BookError, match=r"training\.rank to \d+") as caught:
        require_fit(memory_of(wide), 24 * GB)
    assert caught.value.code is Code.WILL_NOT_FIT
    rank = largest(wide, 24 * GB, "rank")
    assert rank in RANKS and fits(memory_of(replace(wide, rank=rank)), 24 * GB)
    above = ASKED[ASKED.index(rank) + 1]
    assert not fits(memory_of(replace(wide, rank=above)), 24 * GB)


def test_a_heavy_way_of_not_forgetting_is_named() -> None:
    kfac = sections.Ewc(fisher="kfac", full_max=32768)
    heavy = replace(BASE, forgetting=(sections.Replay(), kfac))
    with pytest.raises(BookError, match=r"Leave out of training\.forgetting: ewc"):
        require_fit(memory_of(heavy), 24 * GB)


def test_weights_that_are_too_large_say_so() -> None:
    plain = replace(BASE, quantise=False)
    with pytest.raises(BookError, match="four bits"):
        require_fit(memory_of(plain), 24 * GB)
    with pytest.raises(BookError, match=r"smaller model, or train where 19 GB are free"):
        require_fit(memory_of(BASE), 8 * GB)
    least = memory_of(replace(BASE, rank=16, seq_len=LENGTHS[0]))
    assert fits(least, 19 * GB) and not fits(least, 18 * GB)


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        (replace(BASE, quantise=False, rank=256, forgetting=(sections.Si(),)), 20 * GB),
        (replace(BASE, checkpointing=False, rank=256), 19 * GB),
        (replace(BASE, quantise=False, checkpointing=False, rank=32), 19 * GB),
    ],
)
def test_where_no_one_knob_is_enough_those_that_are_together_are_named(
    wanted: Wanted, there: float
) -> None:
    with pytest.raises(BookError, match="together these are: set") as caught:
        require_fit(memory_of(wanted), there)
    said = caught.value.remedy
    change: dict[str, object] = {}
    for knob, pattern in (("rank", r"rank to (\d+)"), ("seq_len", r"seq_len to (\d+)")):
        if found := re.search(pattern, said):
            change[knob] = int(found[1])
    change |= {"quantise": True} if "training.quantise to nf4" in said else {}
    change |= {"checkpointing": True} if "training.checkpointing to on" in said else {}
    change |= {"forgetting": ()} if "training.forgetting to []" in said else {}
    assert change and fits(memory_of(replace(wanted, **change)), there), said
    assert change.get("rank", 16) in ASKED


def test_one_change_is_not_said_to_be_several() -> None:
    """Leaving out either way is not enough, the one setting that names both is."""
    heavy = replace(BASE, forgetting=(sections.Si(source="pseudo"), sections.Oplora()))
    with pytest.raises(BookError) as caught:
        require_fit(memory_of(heavy), 24 * GB)
    assert caught.value.remedy == "Set training.forgetting to []"
    assert fits(memory_of(replace(heavy, forgetting=())), 24 * GB)


def test_ranks_are_ones_that_settings_take() -> None:
    taken = get_args(sections.Training.model_fields["rank"].annotation)[0]
    assert get_args(taken) == ASKED and set(ASKED) <= set(RANKS)


def test_the_reference_and_what_a_stage_writes_down_count() -> None:
    """Rank 64 on 24 GB was planned with 21.1 GB and took 22.6 of 22.1."""
    parts = memory_of(replace(BASE, rank=64)).parts
    assert parts["reference"] == parts["adapter"] == 4 * 64 * DEVSTRAL.per_rank
    assert largest(BASE, 24 * GB, "rank") == 32
    stage = replace(BASE, recording=(sections.Si(), sections.Ewc()))
    assert memory_of(stage).parts["recording of si"] == 8 * BASE.trained
    assert fits(memory_of(stage), 24 * GB)
    chosen = replace(stage, forgetting=(sections.Si(),), earlier=1)
    assert "recording of si" not in memory_of(chosen).parts, "it leaves the same itself"


@pytest.mark.parametrize(("way", "form"), [("progressive", "stacked"), ("olora", "")])
def test_columns_that_two_stages_joined_count_whole(way: str, form: str) -> None:
    section = sections.Progressive(form=form) if form else sections.Olora()  # type: ignore[arg-type]
    one, two = (
        memory_of(replace(BASE, forgetting=(section,), earlier=earlier)).parts[f"state of {way}"]
        for earlier in (1, 2)
    )
    assert two == 2 * one >= 8 * BASE.trained


def test_self_distillation_depends_on_its_rows() -> None:
    few, many = (replace(BASE, forgetting=(sections.Sdft(),), samples=number) for number in (1, 10))
    one, ten = (memory_of(wanted).parts["state of sdft"] for wanted in (few, many))
    assert ten > 1.5 * one > 0.74 * GB
    wide = memory_of(replace(many, page=40_000)).parts["state of sdft"]
    assert wide > ten, "one page at a time, as long as the longest"


def test_more_of_anything_never_needs_less() -> None:
    for knob, values in (("rank", RANKS), ("seq_len", (256, 1024, 4096)), ("rows", (1, 2, 8))):
        totals = [memory_of(replace(BASE, **{knob: value})).total for value in values]
        assert totals == sorted(totals) and totals[0] < totals[-1]

"""Plans of profiles: they fit, with reasons that hold; time by hand; nothing is loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from booktune_assets.errors import BookError, Code
from booktune_assets.llm.architecture import KNOWN
from booktune_assets.settings import DEVSTRAL, Settings
from booktune_assets.settings_training import Ewc, Fip, Kl, Replay, Si, Stm
from booktune_assets.training.durations import Course, course_costs
from booktune_assets.training.memory import RANKS, fits, memory_of, require_fit
from booktune_assets.training.plan import (
    CARDS,
    Plan,
    free_memory,
    plan_of,
    require_merge,
    shape_for,
    wanted_of,
)

GPUS = ("gpu24", "gpu48", "gpu80")
DIAGONAL = Ewc(space="lora", fisher="diagonal")


def _plan(profile: str, tmp_path: Path, *forgetting, **changed) -> Plan:
    (tmp_path / "booktune.toml").write_text(f'profile = "{profile}"\n')
    derived = Settings.load(home=tmp_path).derived
    figures = {name: item.value for name, item in derived.items()} | changed
    return plan_of(str(figures["model"]), profile, figures, forgetting=forgetting)


@pytest.mark.parametrize("profile", GPUS)
def test_each_gpu_profile_fits_its_card_with_a_rank_that_vllm_serves(profile, tmp_path) -> None:
    made = _plan(profile, tmp_path, Replay())
    assert made.fits and made.served and made.model == DEVSTRAL
    require_fit(made.memory, made.available)
    assert made.rank_max >= made.memory.wanted.rank and made.seq_len_max >= 2048
    assert 512 <= made.memory.wanted.seq_len <= 2048


def test_the_reasons_of_the_profiles_hold(tmp_path) -> None:
    assert _plan("gpu24", tmp_path, DIAGONAL).fits
    assert not _plan("gpu24", tmp_path, DIAGONAL, rank=64).fits
    assert _plan("gpu48", tmp_path, Si()).fits
    assert not _plan("gpu48", tmp_path, Si(), rank=256).fits
    assert _plan("gpu80", tmp_path, Si()).fits
    for profile, said in zip(GPUS, ("about 20 GB", "about 28 GB", "about 38 GB"), strict=True):
        (tmp_path / "booktune.toml").write_text(f'profile = "{profile}"\n')
        assert said in Settings.load(home=tmp_path).derived["rank"].reason
        assert said == f"about {round(_plan(profile, tmp_path).memory.total / 1e9)} GB"


def test_the_largest_of_each_knob_fits_and_the_next_does_not(tmp_path) -> None:
    made = _plan("gpu24", tmp_path)
    wanted = made.memory.wanted
    assert fits(memory_of(replace(wanted, rank=made.rank_max)), 24e9)
    above = RANKS[RANKS.index(made.rank_max) + 1]
    assert not fits(memory_of(replace(wanted, rank=above)), 24e9)
    assert fits(memory_of(replace(wanted, seq_len=made.seq_len_max)), 24e9)


def test_time_is_passes_times_weights_times_tokens(tmp_path) -> None:
    made = _plan("gpu80", tmp_path, steps=100, batch_rows=10, seq_len=1000)
    assert made.tokens == 1_000_000
    assert made.flops == pytest.approx(8 * 23.57e9 * 1e6, rel=1e-3)
    assert made.seconds == pytest.approx(made.flops / CARDS["gpu80"].flops)
    more = _plan("gpu80", tmp_path, Kl(), steps=100, batch_rows=10, seq_len=1000)
    assert more.flops / made.flops == pytest.approx(10 / 8)  # the reference reads as well
    # one old row a step, and not one for each row of it
    for way, every in ((Fip(), 1), (Fip(every=5), 5), (Kl(on="old"), 1)):
        old = _plan("gpu80", tmp_path, way, steps=100, batch_rows=10, seq_len=1000)
        assert old.flops / made.flops == pytest.approx(1 + (2 + 8) / 8 / 10 / every)
    shared = {"rank": 16, "steps": 100, "batch_rows": 10, "seq_len": 1000}
    read = plan_of(DEVSTRAL, "gpu80", shared, forgetting=(Replay(), Kl()), share=0.2)
    assert read.costs["kl"].flops == pytest.approx(2 * 23.57e9 * 0.8e6, rel=1e-3), "new rows alone"
    seen = plan_of(DEVSTRAL, "gpu80", shared, forgetting=(Stm(),), train_chars=35_000)
    assert seen.costs["stm"].flops == pytest.approx(2 * 23.57e9 * 1e4, rel=1e-3), "once"


def test_plain_weights_are_not_timed_as_four_bits() -> None:
    figures = {"rank": 16, "steps": 100, "batch_rows": 10, "seq_len": 1000}
    packed = plan_of(DEVSTRAL, "gpu80", figures, quantise="nf4")
    plain = plan_of(DEVSTRAL, "gpu80", figures, quantise="none")
    assert packed.flops == plain.flops
    assert plain.seconds == pytest.approx(0.6 * packed.seconds) and "NF4" not in plain.card.source
    given = plan_of(DEVSTRAL, "gpu80", figures, quantise="none", flops=1e12)
    assert given.card.flops == 1e12 and given.card.source == "as given"


def test_stages_fisher_passes_and_what_is_written_take_time_too(tmp_path) -> None:
    figures = {"rank": 16, "steps": 100, "batch_rows": 10, "seq_len": 1000}
    bare = plan_of(DEVSTRAL, "gpu80", figures, forgetting=(Ewc(n=100),), writes=(40, 100, 4))
    fisher = 100 * 200 * (8 + 2) * bare.memory.wanted.shape.params
    assert bare.costs["ewc"].flops == 2 * fisher, "before the first step, and for later stages"
    weights = bare.memory.wanted.shape
    plain = 2 * (weights.linear_params + weights.vocab * weights.hidden)
    assert bare.costs["writing rehearsal"].read == 10 * 100 * plain
    stages = {"general": 50, "domain": None}
    made = plan_of(DEVSTRAL, "gpu80", figures, forgetting=(Ewc(n=100), Fip()), stages=stages)
    training = made.costs["training"].flops
    assert made.costs["stage general"].flops == training / 2 + fisher
    fip = made.costs["fip"].flops
    assert made.costs["stage domain"].flops == pytest.approx(training + fisher + fip)
    assert made.seconds == pytest.approx(sum(made.times.values())) and made.widest == "domain"


def test_auto_is_decided_once_for_plan_check_and_run() -> None:
    small, large = (KNOWN[name][0] for name in ("gemma3-270m", DEVSTRAL.partition("@")[0]))
    fitted = wanted_of(small, rank=8, seq_len=64, device="cuda", memory=24e9)
    assert not fitted.quantise and fitted.checkpointing, "a model that the card holds stays plain"
    packed = wanted_of(large, rank=8, seq_len=64, device="cuda", memory=80e9)
    assert packed.quantise and packed.checkpointing
    off = wanted_of(large, rank=64, seq_len=4096, device="cuda", memory=24e9, checkpointing="off")
    assert not off.checkpointing
    with pytest.raises(BookError, match=r"training\.checkpointing to on"):
        require_fit(memory_of(replace(off, rank=16, seq_len=2048)), 24e9)
    plain = wanted_of(large, rank=8, seq_len=64, device="cuda", memory=24e9, quantise="none")
    with pytest.raises(BookError, match=r"training\.quantise to nf4"):
        require_fit(memory_of(plain), 24e9)
    cpu = wanted_of(small, rank=8, seq_len=64, device="cpu", memory=1.0)
    assert not cpu.quantise and not cpu.checkpointing
    assert wanted_of(small, rank=8, seq_len=64, device="cpu", quantise="nf4").checkpointing


def test_a_merge_needs_the_machines_memory() -> None:
    shape = KNOWN[DEVSTRAL.partition("@")[0]][0]
    require_merge(shape, 64e9)
    with pytest.raises(BookError, match=r"post\.merge") as caught:
        require_merge(shape, 48e9)
    assert caught.value.code is Code.WILL_NOT_FIT


def test_the_papers_epoch_takes_four_hours_at_its_rate() -> None:
    """30 million tokens at 400 TFLOP/s: about four hours."""
    figures = {"rank": 64, "seq_len": 600, "batch_rows": 50, "steps": 1000}
    made = plan_of(DEVSTRAL, "gpu80", figures, flops=400e12, train_chars=105_000_000)
    assert made.tokens == 30_000_000
    assert 3.5 < made.seconds / 3600 < 4.5
    assert made.passes == pytest.approx(1.0)


def test_a_folder_is_known_by_its_configuration_alone(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({
        "model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2,
        "num_attention_heads": 4, "intermediate_size": 128, "vocab_size": 1000,
        "tie_word_embeddings": False,
    }))  # fmt: skip
    shape, source = shape_for(str(tmp_path))
    assert (shape.head_dim, shape.kv_heads) == (16, 4) and "config.json" in source
    assert wanted_of(tmp_path, rank=8, seq_len=64, device="cpu").width == 4
    (tmp_path / "config.json").write_text('{"hidden_size": 64}')
    with pytest.raises(BookError) as caught:
        shape_for(str(tmp_path))
    assert caught.value.code is Code.BAD_SETTING


def test_a_model_that_nobody_knows_is_named() -> None:
    with pytest.raises(BookError) as caught:
        shape_for("booktune-tests/nothing-here")
    assert caught.value.code is Code.MODEL_MISSING and "config.json" in caught.value.remedy


def test_the_tiny_profile_counts_with_what_is_free(tmp_path: Path) -> None:
    made = _plan("tiny", tmp_path, Replay())
    assert made.available == pytest.approx(free_memory(), rel=0.5)
    wanted = made.memory.wanted
    assert (wanted.device, wanted.quantise, wanted.optimiser) == ("cpu", False, "adamw")


def test_planning_loads_nothing_heavy() -> None:
    code = (
        "import sys; from booktune_assets.training import memory, plan, served\n"
        "plan.plan_of('gemma3-270m', 'tiny', dict(rank=8, seq_len=64, batch_rows=1, steps=1))\n"
        "print('\\n'.join(sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in out.stdout.splitlines()}
    assert not loaded & {"torch", "transformers", "peft", "dagster"}


@pytest.mark.parametrize("way", [Fip(), Kl(on="old"), Kl(on="new")], ids=["fip", "old", "new"])
def test_the_plan_counts_the_passes_that_are_made(tiny, way) -> None:
    """Forward passes of three steps of 16 rows, against what the plan takes for forward passes."""
    from booktune_assets.llm.loading import load_model
    from booktune_assets.training.strategies.registry import strategies
    from booktune_assets.training.trainer import Schedule, add_lora, fit
    from booktune_assets_tests.training.rows_fixture import curriculum_rows

    passes: list[int] = []
    for ways in ([], [way]):
        model = add_lora(load_model(tiny.path), 4, 8, "x")
        made = [0]

        def count(*_: object, made: list[int] = made) -> None:
            made[0] += 1

        model.get_base_model().model.layers[0].register_forward_pre_hook(count)
        fit(model, curriculum_rows(48), Schedule(1e-3, 3), strategies(ways))
        passes.append(made[0])
    wanted = wanted_of(tiny.path, rank=4, seq_len=64, device="cpu", forgetting=(way,))
    costs = course_costs(Course(wanted, steps=3, batch_rows=16, share=9 / 48))
    row = wanted.shape.params * 64
    assert passes[0] == 48 and costs["training"].flops == 6 * 48 * row
    each = 2 if way.kind == "kl" and way.on == "new" else (2 + 6) / 2  # operations of a pass
    assert costs[way.kind].flops == pytest.approx((passes[1] - 48) * each * row)

"""Both modes of FIP: the penalty's value and effect, the metric against a dense one, the way."""

from __future__ import annotations

import math

import pytest
import torch

from booktune_assets.errors import BookError, Code
from booktune_assets.settings_training import Fip as Settings
from booktune_assets.training.batches import PackedRow
from booktune_assets.training.divergence import divergence, draw, outputs
from booktune_assets.training.metric import Metric, score
from booktune_assets.training.reference import trained
from booktune_assets.training.rotation import Rotation, apart, held
from booktune_assets.training.strategies.fip import Fip
from booktune_assets.training.trainer import row_inputs
from booktune_assets_tests.training.strategies.rows import (
    NEW,
    OLD,
    Drive,
    a_run,
    adapted,
    old_distance,
    output_of,
    sample,
)

GEODESIC = Settings(mode="geodesic", directions=6, refresh=4, damping=0.05)


def _moved(model, by: float = 0.05) -> None:
    stream = torch.Generator().manual_seed(7)
    for part in trained(model).values():
        part.data.add_(by * torch.randn(part.shape, generator=stream))


def test_the_penalty_is_the_mean_distance_on_the_row_whose_turn_it_is(tiny) -> None:
    model = adapted(tiny)
    fip = Fip(Settings(strength=3.0, every=2))
    run = a_run(model)
    fip.prepare(run)
    _moved(model)
    row = fip.rows.things[0]
    term = fip.loss_terms(model, NEW[0], output_of(model, NEW[0]))["penalty"]
    expected = old_distance(model, run.reference, [row])
    assert term.item() == pytest.approx(3.0 * 2 * expected, rel=1e-3)
    assert fip.metrics()["distance"] == pytest.approx(expected, rel=1e-3)
    assert fip.loss_terms(model, NEW[1], output_of(model, NEW[1], place=1)) == {}
    fip.on_step_end(model, 1)
    assert fip.loss_terms(model, NEW[0], output_of(model, NEW[0])) == {}, "every second step"
    fip.on_step_end(model, 2)
    fip.loss_terms(model, NEW[0], output_of(model, NEW[0]))
    assert fip.rows.turn == 2


def test_the_penaltys_gradient_by_finite_differences(tiny) -> None:
    model = adapted(tiny).double()
    fip = Fip(Settings(strength=1.0))
    fip.prepare(a_run(model))
    _moved(model)
    parts = list(trained(model).values())

    def value() -> torch.Tensor:
        fip.rows.turn = 0
        return fip.loss_terms(model, NEW[0], output_of(model, NEW[0]))["penalty"]

    slopes = torch.autograd.grad(value(), parts)
    steep = sum(float(slope.square().sum()) for slope in slopes)
    step = 1e-3 / math.sqrt(steep)  # norms of the model are fp32: much smaller is noise

    def at(way: float) -> float:
        for part, slope in zip(parts, slopes, strict=True):
            part.data.add_(way * slope)
        found = value().item()
        for part, slope in zip(parts, slopes, strict=True):
            part.data.sub_(way * slope)
        return found

    assert (at(step) - at(-step)) / 2 / step == pytest.approx(steep, rel=1e-3)


def test_a_run_with_the_penalty_ends_nearer_to_where_it_was_on_old_inputs(tiny) -> None:
    plain = Drive(adapted(tiny), [])
    plain.go(16)
    fip = Fip(Settings(strength=8.0))
    held_back = Drive(adapted(tiny), [fip])
    held_back.go(16)
    far = old_distance(plain.model, plain.run.reference)
    near = old_distance(held_back.model, held_back.run.reference)
    assert near < 0.5 * far

    def new_loss(model) -> float:
        with torch.no_grad():
            return float(torch.cat([output_of(model, row).nll for row in NEW]).mean())

    assert new_loss(held_back.model) < 0.8 * new_loss(adapted(tiny)), "and it still learns"


def test_every_old_row_is_taken_equally_often() -> None:
    rows = held(OLD + OLD, 100, 4, "fip")
    assert sorted(rows, key=id) == sorted({id(row): row for row in rows}.values(), key=id)
    assert len(rows) == len(OLD), "twins once"
    turns = Rotation(rows)
    taken = [id(turns.next()) for _ in range(3 * len(rows))]
    assert all(taken.count(id(row)) == 3 for row in rows)
    assert held(OLD, 3, 4, "fip") == rows[:2], "until they hold that many samples"
    assert [row.samples[0].name for row in held(OLD, 100, 4, "fip")] == [
        row.samples[0].name for row in rows
    ]


def test_the_geodesics_directions_come_from_every_sample_equally_often(tiny) -> None:
    fip = Fip(Settings(mode="geodesic", directions=8, refresh=1))
    drive = Drive(adapted(tiny), [fip])
    drive.go(2)
    singles = len(apart(fip.single.things))
    assert fip.single.turn == 16 and singles == 4
    names = {row.samples[0].name for row in fip.single.things}
    assert not names & {sample.name for sample in fip.probe.samples}, "measured elsewhere"


def test_without_memory_it_is_refused(tiny) -> None:
    with pytest.raises(BookError) as caught:
        Fip().prepare(a_run(adapted(tiny), old=[]))
    assert caught.value.code is Code.NO_EXAMPLES
    assert "fip" in caught.value.remedy


def test_a_score_is_the_gradient_of_the_drawn_labels(tiny) -> None:
    model = adapted(tiny)
    row = apart(OLD)[0]
    found = score(model, row, torch.Generator().manual_seed(9))
    inputs = row_inputs(row, "cpu")
    labels = draw(outputs(model, inputs), torch.Generator().manual_seed(9))
    logits = model(**inputs, use_cache=False).logits[0].log_softmax(1)
    total = logits.gather(1, labels[:, None]).sum() / math.sqrt(len(labels))
    parts = trained(model)
    slopes = torch.autograd.grad(total, list(parts.values()))
    for name, slope in zip(parts, slopes, strict=True):
        torch.testing.assert_close(found[name], slope, rtol=2e-3, atol=1e-5)
    assert all(part.grad is None for part in model.parameters()), (
        "the step's gradient is left alone"
    )


def test_scores_estimate_the_fisher_information(tiny) -> None:
    """E[uᵀu] over drawn labels is the trace of the Fisher matrix, known here by enumeration."""
    model = adapted(tiny)
    row = PackedRow(True, [sample("old short", 5)])
    name, part = next(
        (name, part) for name, part in trained(model).items() if "1.mlp.down_proj.lora_B" in name
    )
    logs = model(**row_inputs(row, "cpu"), use_cache=False).logits[0].log_softmax(1)
    exact = 0.0
    for place in range(len(row.ids)):
        (slopes,) = torch.autograd.grad(
            logs[place], part, torch.eye(logs.shape[1]), retain_graph=True, is_grads_batched=True
        )
        exact += float(logs[place].exp().detach() @ slopes.square().sum((1, 2))) / len(row.ids)
    stream = torch.Generator().manual_seed(0)
    drawn = [float(score(model, row, stream)[name].square().sum()) for _ in range(150)]
    mean = sum(drawn) / len(drawn)
    error = torch.tensor(drawn).std().item() / math.sqrt(len(drawn))
    assert error < 0.1 * mean
    assert abs(mean - exact) < 3 * error


def _scores(model, n: int) -> list[dict[str, torch.Tensor]]:
    rows = apart(OLD)
    return [
        score(model, rows[number % len(rows)], torch.Generator().manual_seed(number))
        for number in range(n)
    ]


def test_solving_is_the_dense_inverse_block_by_block(tiny) -> None:
    model = adapted(tiny).double()
    scores = _scores(model, 5)
    metric = Metric.of([dict(one) for one in scores], 0.3)
    assert [block.rsplit(".", 1)[1] for block in metric.blocks] == ["0", "1"]
    stream = torch.Generator().manual_seed(1)
    step = {
        name: torch.randn(part.shape, generator=stream, dtype=torch.float64)
        for name, part in trained(model).items()
    }
    solved = metric.solve(step)
    square = 0.0
    for block, names in metric.blocks.items():
        names = [name for name in names if "mlp.gate" in name or "q_proj" in name]
        part = Metric({name: metric.directions[name] for name in names}, 0.3)
        ways = torch.stack([torch.cat([one[n].flatten() for n in names]) for one in scores])
        dense = ways.T @ ways / len(ways)
        flat = torch.cat([step[name].flatten() for name in names])
        mu = 0.3 * float(dense.trace()) / len(ways)
        assert part.damping[block] == pytest.approx(mu)
        eye = torch.eye(len(flat), dtype=torch.float64)
        expected = torch.linalg.solve(dense + mu * eye, flat)
        found = part.solve(step)
        torch.testing.assert_close(torch.cat([found[n].flatten() for n in names]), expected)
        square += float(flat @ dense @ flat)
        assert part.square(step) == pytest.approx(float(flat @ dense @ flat))
    short = metric.shortened(step)
    for names in metric.blocks.values():

        def norm(vector, names=names) -> float:
            return float(torch.cat([vector[name].flatten() for name in names]).norm())

        assert norm(short) == pytest.approx(norm(step))
        scale = norm(step) / norm(solved)
        for name in names:
            torch.testing.assert_close(short[name], solved[name] * scale)
    assert metric.square(short) < metric.square(step)


def test_half_the_square_is_the_kl_of_a_small_step(tiny) -> None:
    """On the inputs of the directions, within the noise of 200 scores."""
    model = adapted(tiny).double()
    row = apart(OLD)[0]
    stream = torch.Generator().manual_seed(0)
    metric = Metric.of([score(model, row, stream) for _ in range(200)], 0.05)
    before = outputs(model, row_inputs(row, "cpu")).detached()
    step = {
        name: 1e-3 * torch.randn(part.shape, generator=stream, dtype=torch.float64)
        for name, part in trained(model).items()
    }
    for name, part in trained(model).items():
        part.data.add_(step[name])
    now = outputs(model, row_inputs(row, "cpu")).detached()
    moved = float(divergence("forward", now, before).mean())
    # blocks are taken as independent: compare the step of both layers by their own sum
    assert metric.square(step) / 2 == pytest.approx(moved, rel=0.5)
    angle = float(divergence("bhattacharyya", now, before).mean())
    assert angle == pytest.approx(moved / 4, rel=1e-2)


def test_a_block_without_influence_is_left_as_it_is() -> None:
    ways = {"layers.0.a": torch.zeros(3, 4), "layers.1.a": torch.ones(3, 4)}
    step = {"layers.0.a": torch.arange(4.0), "layers.1.a": torch.arange(4.0)}
    solved = Metric(ways, 0.1).shortened(step)
    assert torch.equal(solved["layers.0.a"], step["layers.0.a"])
    assert not torch.equal(solved["layers.1.a"], step["layers.1.a"])


def test_a_geodesic_step_moves_old_outputs_less_than_adams_of_the_same_norm(tiny) -> None:
    def one_step(strategies) -> tuple[float, dict[str, torch.Tensor]]:
        drive = Drive(adapted(tiny), strategies)
        drive.go(1)
        start = drive.run.reference.start
        step = {name: part.detach() - start[name] for name, part in trained(drive.model).items()}
        return old_distance(drive.model, drive.run.reference, OLD), step

    many = Settings(mode="geodesic", directions=24, refresh=1)
    plain, adams = one_step([])
    fip = Fip(many)
    short, taken = one_step([fip])
    size, other = (
        math.sqrt(sum(float(part.square().sum()) for part in step.values()))
        for step in (adams, taken)
    )
    assert other == pytest.approx(size, rel=1e-4)
    assert short < 0.8 * plain
    figures = fip.metrics()
    assert 0 < figures["kept"] < 1
    assert figures["path"] < figures["path_plain"]


def test_a_geodesic_run_learns_and_logs_its_way(tiny) -> None:
    fip = Fip(GEODESIC)
    drive = Drive(adapted(tiny), [fip])
    ways: list[float] = []
    with torch.no_grad():
        before = torch.cat([output_of(drive.model, row).nll for row in NEW]).mean()
    for _ in range(8):
        drive.go(1)
        ways.append(fip.metrics()["path"])
    with torch.no_grad():
        after = torch.cat([output_of(drive.model, row).nll for row in NEW]).mean()
    assert after < 0.9 * before
    assert ways == sorted(ways) and ways[0] > 0
    assert fip.metrics()["distance"] > 0, "measured at the last refresh, in step 5"

"""Clusters of rows whose vectors are near: the same as all against all, at a bounded price."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from booktune_assets.pairs import cosine
from booktune_assets.pairs.cosine import cosine_links
from booktune_assets.pairs.near import Links, roots

LEAST = 0.85
Matrix = npt.NDArray[np.float64]


def planted(kinds: int, of_each: int, spread: float, dim: int = 32, seed: int = 3) -> Matrix:
    """Vectors of ``kinds`` topics of a subject that all share: beside each one its near ones."""
    say = np.random.default_rng(seed)
    topics = say.normal(size=(kinds, dim)) + 2 * say.normal(size=dim)
    rows = np.repeat(topics, of_each, axis=0)
    return say.permutation(rows + spread * say.normal(size=rows.shape))


def by_hand(vectors: Matrix, groups: list[list[int]], least: float = LEAST) -> list[int]:
    """The first row of each row's cluster, all against all."""
    made = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    links = [np.zeros((0, 2), dtype=np.int64)]
    for group in groups:
        near = np.triu(made[group] @ made[group].T >= least, 1)
        links.append(np.asarray(group)[np.argwhere(near)])
    return roots(len(made), links).tolist()


def test_links_stay_inside_a_group() -> None:
    vectors = np.array([[1, 0], [0.99, 0.05], [1, 0.01], [0, 1]])
    links = cosine_links([[0, 1, 3], [2]], lambda rows: vectors[rows], 0.92)
    assert links.tolist() == [[0, 1]]
    assert cosine_links([[2]], lambda rows: vectors[rows], 0.92).shape == (0, 2)


@pytest.mark.parametrize(("block", "batch", "checked"), [(500, 20_000, 50_000), (7, 10, 5)])
def test_clusters_are_those_of_all_against_all(
    block: int, batch: int, checked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever comes at a time."""
    for name, value in (("BLOCK", block), ("BATCH", batch), ("CHECKED", checked)):
        monkeypatch.setattr(cosine, name, value)
    vectors = planted(40, 4, 0.45)
    groups = [list(range(start, start + 20)) for start in range(0, 160, 20)]
    found = cosine_links(groups, lambda rows: vectors[rows], LEAST)
    wanted = by_hand(vectors, groups)
    assert roots(160, [found]).tolist() == wanted
    assert 20 < len(found) == sum(first != row for row, first in enumerate(wanted))


def test_a_link_that_is_not_fine_joins_nothing() -> None:
    vectors = np.ones((6, 2))

    def fine(links: Links) -> npt.NDArray[np.bool_]:
        return links.sum(axis=1) % 2 == 0

    found = cosine_links([range(6)], lambda rows: vectors[rows], LEAST, fine)
    assert found.tolist() == [[0, 2], [0, 4], [1, 3], [1, 5]]


def test_what_is_near_is_found_in_a_crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = planted(1_500, 2, 0.4)
    wanted = by_hand(vectors, [list(range(3_000))], 0.93)
    joined = sum(first != row for row, first in enumerate(wanted))
    monkeypatch.setattr(cosine, "CROWD", 100)
    found = cosine_links([range(3_000)], lambda rows: vectors[rows], 0.93)
    assert len(found) >= 0.97 * joined > 500
    assert all(wanted[one] == wanted[other] for one, other in found.tolist()), "and nothing else"


def test_a_crowd_of_the_same_costs_no_square(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty millions of pairs are near; a few of them are looked at, and one link for each row."""
    vectors, asked, compared = np.ones((10_000, 2)), [0], [0]
    blocks = vars(cosine)["_compared"]

    def fine(links: Links) -> npt.NDArray[np.bool_]:
        asked[0] += len(links)
        return np.ones(len(links), dtype=bool)

    def counted(made: Matrix, order: npt.NDArray[np.int64], least: float) -> object:
        for links in blocks(made, order, least):
            compared[0] += len(links)
            yield links

    monkeypatch.setattr(cosine, "CROWD", 200)
    monkeypatch.setattr(cosine, "_compared", counted)
    found = cosine_links([range(10_000)], lambda rows: vectors[rows], LEAST, fine)
    assert roots(10_000, [found]).max() == 0 and len(found) == 9_999
    assert compared[0] < cosine.NEAR * 10_000 * (200 + cosine.BLOCK)
    assert asked[0] < compared[0] / 10

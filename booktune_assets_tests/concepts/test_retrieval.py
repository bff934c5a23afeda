"""Terms, the index over passages, and the vectors of the packaged table."""

from __future__ import annotations

import math
import socket
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.concepts import embeddings
from booktune_assets.concepts.embeddings import Embedder, packaged
from booktune_assets.concepts.retrieval import Index, Passage, context, fitting
from booktune_assets.concepts.terms import terms
from booktune_assets.errors import Code, MissingPrerequisite

TEXTS = {
    "a": ("Lists", "A list holds values in order. Enum.map/2 makes a new list of an old one."),
    "b": ("Processes", "A process runs by itself. spawn_monitor starts one and watches it."),
    "c": ("Maps", "A map finds values by their keys. Map.fetch!/2 raises when there is none."),
}
needs_table = pytest.mark.skipif(not packaged(), reason="the extra vectors is not installed")


def _passages() -> list[Passage]:
    found = [
        Passage(f"sec_{name}", "one" if name < "c" else "two", f"sec_{name}", *both, "section")
        for name, both in TEXTS.items()
    ]
    return [*found, Passage("blk_b", "one", "sec_b", "Processes", "spawn_monitor(f)", "code")]


def _names(index: Index, question: str, k: int = 5, **rest: str | bool | list[str]) -> list[str]:
    return [hit.passage.passage_id for hit in index.search(question, k, **rest)]  # type: ignore[arg-type]


def _nothing(_: str) -> None:
    """No package is there."""


def test_names_of_code_are_found_whole_and_in_parts() -> None:
    assert {"enum.map_join/3", "map_join", "map", "enum"} <= set(terms("call Enum.map_join/3"))
    assert set(terms("spawn_monitor")) & set(terms("monitors")) == {"monitor"}
    assert "|>" in terms("x |> y")
    assert terms("the of and") == []


@given(st.text(max_size=200))
def test_any_text_has_terms_and_the_same_ones_again(text: str) -> None:
    assert terms(text) == terms(text)
    assert all(terms(text))


def test_the_passage_that_says_it_is_first_and_filters_hold() -> None:
    index = Index(_passages())
    assert _names(index, "how do I monitor a process")[0] in ("sec_b", "blk_b")
    assert _names(index, "fetch the value of a key")[0] == "sec_c"
    assert _names(index, "fetch the value of a key", book="one") == ["sec_a"]
    assert _names(index, "spawn_monitor", kind="code") == ["blk_b"]
    assert len(_names(index, "spawn_monitor", once=True)) == 1
    assert "sec_b" not in _names(index, "a process", without=["sec_b"])
    assert (
        _names(index, "zebra") == [] and _names(index, "") == [] and _names(index, "list", 0) == []
    )
    assert Index([]).search("anything") == []
    hit = index.search("Enum.map/2")[0]
    assert (hit.passage.passage_id, hit.dense) == ("sec_a", None)
    assert math.isclose(hit.score, 1.0) and hit.lexical > 0


def test_equal_passages_come_in_the_order_of_their_ids() -> None:
    same = [Passage(name, "one", name, "T", "same words", "section") for name in "cab"]
    assert _names(Index(same), "same words") == ["a", "b", "c"]


def test_a_kept_index_gives_the_same(tmp_path: Path) -> None:
    index = Index(_passages())
    index.save(tmp_path / "kept")
    again = Index(_passages(), kept=tmp_path / "kept")
    for question in ("monitor a process", "values by keys", "Enum.map/2"):
        assert again.search(question) == index.search(question)


def test_context_is_numbered_and_bounded() -> None:
    hits = Index(_passages()).search("values of a list or a map by key")
    text = context(hits)
    assert text.startswith("[1] ") and f"\n\n[{len(hits)}] " in text
    room = len(context(hits[:1])) + 1
    assert fitting(hits, room) == hits[:1] and context(hits, room) == context(hits[:1])
    assert len(context(hits, 10)) == 10 and context([]) == ""


@needs_table
def test_vectors_have_length_one_and_know_what_is_related() -> None:
    table = Embedder()
    made = table.fit([text for _, text in TEXTS.values()])
    assert made.shape == (3, table.dim) and made.dtype == np.float32
    assert np.allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
    near = made @ table.vectors(["dictionary lookup"])[0]
    assert int(near.argmax()) == 2
    assert not table.vectors([""]).any()
    other = Embedder()
    other.refit(table.fitted)
    assert np.array_equal(other.vectors(["a list"]), table.vectors(["a list"]))


@needs_table
def test_nothing_is_fetched_for_vectors_and_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network is asked for something")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert Index(_passages(), Embedder()).search("dictionary lookups")[0].dense is not None


@needs_table
def test_vectors_find_what_has_no_word_in_common(tmp_path: Path) -> None:
    question = "dictionary lookups"
    assert _names(Index(_passages()), question) == []
    index = Index(_passages(), Embedder())
    assert _names(index, question)[0] == "sec_c"
    index.save(tmp_path)
    table = Embedder()
    table.fit([f"{one.title}\n{one.text}" for one in _passages()])
    assert Index(_passages(), table, kept=tmp_path).search(question) == index.search(question)


def test_without_the_package_there_is_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "find_spec", _nothing)
    assert packaged() == ""
    with pytest.raises(MissingPrerequisite) as raised:
        Embedder()
    assert raised.value.code is Code.MISSING_EXTRA and "booktune[vectors]" in raised.value.remedy

"""How a question names a concept: with the article that the text gives it, and no other's."""

import pytest

from booktune_assets.pairs.candidate import View
from booktune_assets.pairs.phrases import called


@pytest.mark.parametrize(
    ("text", "label", "name"),
    [
        ("The pid is kept in a map. ", "map", "a map"),
        ("It waits for the supervisor, which restarts it.", "supervisor", "the supervisor"),
        ("A memory leak is found late.", "memory", "memory"),
        ("Give an atom table to it.", "atom", "atoms"),
        ("It ends when the process dies.", "process", "the process"),
        ("A map literal is short, and a map is small.", "map", "a map"),
    ],
)
def test_an_article_of_a_longer_name_is_not_taken(text: str, label: str, name: str) -> None:
    places = [n for n in range(len(text)) if text.startswith(label, n)]
    mentions = [(place, place + len(label), label, "term") for place in places]
    view = View("s", "", text, "Elixir", [], [], mentions=mentions)
    assert called(view, label) == name

"""A few concepts of each book are held out wholly."""

from booktune_assets.ids import stable_int
from booktune_assets.pairs.apart import divide
from booktune_assets.pairs.unseen import PER_BOOK, unseen
from booktune_assets_tests.pairs.test_apart import own
from booktune_assets_tests.pairs.test_once import prints

SECTIONS = [f"one_{letter}" for letter in "abcdefghijklmnopqrstuvwx"]
CLUSTERS = {name: f"cluster_{name}" for name in SECTIONS}
BOOKS = dict.fromkeys(SECTIONS, "one")
# Each section has two pairs on a concept of its own; all speak of one more.
ROWS = [(name, [f"con_{name}", "con_all"]) for name in SECTIONS for _ in range(2)]


def _rank(concept: str) -> int:
    return stable_int(f"unseen:{concept}") % 100


def test_what_is_held_out_is_all_that_speaks_of_a_concept() -> None:
    found = unseen(ROWS, CLUSTERS, BOOKS, 12, 8)
    assert 1 <= len(found) <= PER_BOOK
    lowest = sorted(SECTIONS, key=lambda name: _rank(f"con_{name}"))
    assert found == {CLUSTERS[name] for name in lowest[: len(found)]}
    again = unseen(reversed(ROWS), CLUSTERS, BOOKS, 12, 8)
    assert again == found and found <= unseen(ROWS, CLUSTERS, BOOKS, 40, 8)


def test_a_concept_of_many_sections_and_a_small_book_are_left() -> None:
    wide = [(name, ["con_all"]) for name in SECTIONS for _ in range(2)]
    assert unseen(wide, CLUSTERS, BOOKS, 50, 8) == set()
    once = [(name, [f"con_{name}"]) for name in SECTIONS]
    assert unseen(once, CLUSTERS, BOOKS, 50, 8) == set()
    assert unseen(ROWS[:14], CLUSTERS, BOOKS, 50, 8) == set()
    fixed = set(CLUSTERS.values())
    assert unseen(ROWS, CLUSTERS, BOOKS, 50, 8, fixed) == set()


def test_a_new_section_moves_no_other() -> None:
    before = unseen(ROWS, CLUSTERS, BOOKS, 12, 8)
    more = [*ROWS, *[("one_y", ["con_all", "con_more"])] * 2]
    clusters, books = CLUSTERS | {"one_y": "cluster_one_y"}, BOOKS | {"one_y": "one"}
    assert unseen(more, clusters, books, 12, 8) == before


def test_a_shelf_holds_the_concepts_out() -> None:
    said = own(**dict.fromkeys(SECTIONS, ("train", 2)))
    text = prints(**{name: name[-1] * 9 for name in SECTIONS})
    sides = divide(text, said, ("one",), 12, {}, ROWS).sides
    held = {name for name, side in sides.items() if side == "heldout"}
    assert {CLUSTERS[name] for name in held} == unseen(ROWS, CLUSTERS, BOOKS, 12, 8)
    trained = {concepts[0] for name, concepts in ROWS if name not in held}
    assert held and not {f"con_{name}" for name in held} & trained
    assert set(divide(text, said, ("one",), 0, {}, ROWS).sides.values()) == {"train"}

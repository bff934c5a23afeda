"""Names of modules: slips of the pen, and names of their own."""

import pytest

from booktune_assets.beam.misspelt import meant

INSTALLED = ("Enum", "List", "Map", "MapSet", "String", "GenServer", "Supervisor", "DateTime",
             "Task", "Task.Supervisor", "IO", ":lists", ":maps", ":gen_server", ":ets")  # fmt: skip


def of(typed: str, has: bool | None = True, *own: str) -> str:
    return meant(typed, [(name, has) for name in (*INSTALLED, *own)], own)


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("Enun", "Enum"), ("Enmu", "Enum"), ("Enm", "Enum"), ("Ennum", "Enum"), ("Enumm", "Enum"),
        ("Lists", "List"), ("Strng", "String"), ("Strings", "String"), ("GenServr", "GenServer"),
        ("Genserver", "GenServer"), ("GenSever", "GenServer"), ("Spuervisro", "Supervisor"),
        ("Mpa", "Map"), ("Mapp", "Map"), ("Io", "IO"), ("Datetime", "DateTime"),
        ("Task.Supervsior", "Task.Supervisor"), ("Tsak.Supervisor", "Task.Supervisor"),
        (":lits", ":lists"), (":list", ":lists"), (":gen_servr", ":gen_server"), (":mpas", ":maps"),
    ],
)  # fmt: skip
def test_slips(typed: str, right: str) -> None:
    assert of(typed) == right


@pytest.mark.parametrize(
    "typed",
    [
        "Ecto", "Plug", "Jason", "Poison", "Ecto.Repo", "Mox", "Nx", "Req", "Enumx", "MapEx", "Mop",
        "Mask", "Cask", "Tasks.Runner", "Supervisor2", "XList", "Stringify", "Enum.Extra", "lists",
        ":cowboy", ":jsx", ":dets", "Foo", "MyApp.Enum",
    ],
)  # fmt: skip
def test_names_of_their_own(typed: str) -> None:
    assert of(typed) == ""


def test_what_is_called_has_to_be_there() -> None:
    assert of("Enun", has=False) == ""
    assert of("Strng", has=None) == "String"
    assert of("Enun", has=None) == ""  # too short to be sure of
    assert of("Spuervisro", has=None) == ""  # two slips, and nothing else that speaks for it


def test_a_book_may_have_a_module_and_its_plural() -> None:
    assert of("Basket", True, "Baskets") == ""
    assert of("Baskets", True, "Basket") == ""
    assert of("Baskte", True, "Basket") == "Basket"
    assert of("Counter2", True, "Counter1", "Counter") == ""


def test_the_nearest_is_meant() -> None:
    assert meant("Supervisro", [("Supervizor", True), ("Supervisor", True)]) == "Supervisor"

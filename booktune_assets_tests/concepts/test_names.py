"""Names: normal forms, what may be a concept, what defines."""

import pytest

from booktune_assets.concepts.candidates import names_a_noun, nouns
from booktune_assets.concepts.definitions import defined_by, described_by
from booktune_assets.concepts.names import api_name, name_key, plausible_name, singular


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Pattern-matching", "pattern matching"),
        ("processes", "process"),
        ("Enum.map/2", "Enum.map"),
    ],
)
def test_wordings_of_one_name(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize("word", ["class", "this", "status", "alias", "process"])
def test_singular_words_stay(word: str) -> None:
    assert singular(word) == word


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("Enum.map/2", "Enum.map"), ("lists:map/2", "lists:map"), ("spawn/1", "spawn/1"),
        ("mix.exs", None), ("map", None), ("String", None), ("user.name", None),
    ],
)  # fmt: skip
def test_api_names(word: str, name: str | None) -> None:
    assert api_name(word) == name


@pytest.mark.parametrize(
    "name", ["this", "example", "an example", "the code above", "code", "x", "Please"]
)
def test_junk_is_no_concept(name: str) -> None:
    assert not plausible_name(name)


@pytest.mark.parametrize(
    ("sentence", "name", "shape"),
    [
        ("A supervisor is a process that watches other processes.", "supervisor", "is"),
        ("Atoms are constants whose value is their own name.", "Atoms", "is"),
        ("In Elixir, a module is a named collection of functions.", "module", "is"),
        ("Arity refers to the number of arguments of a function.", "Arity", "refers"),
        (
            "A function that calls itself is called a recursive function.",
            "recursive function",
            "called",
        ),
        ("`Enum.map/2` applies a function to each element.", "Enum.map/2", "does"),
        ("The *pipe operator*, `|>`, passes a value on to a call.", "pipe operator", "does"),
        ("OTP (Open Telecom Platform) is a set of libraries for servers.", "OTP", "is"),
    ],
)
def test_defining_sentences(sentence: str, name: str, shape: str) -> None:
    found = defined_by(sentence)
    assert found is not None
    assert (found.name, found.shape) == (name, shape)
    assert sentence[found.start : found.end] == name


@pytest.mark.parametrize(
    "sentence",
    [
        "This is a process that watches other processes.",
        "A map is a good choice for options of a function.",
        "Lists are immutable and may hold anything at all.",
        "The server is a process, so it can crash at any time.",
        "What is a process and why do we need so many of them?",
        "Processes are isolated from each other by the machine.",
        "The module `Enum` holds all of the functions you need.",
        "Maps are also enumerables, as you will see soon.",
        "Structs are maps when you get to the bottom of things.",
        "The pipe operator is one of Elixir’s best features by far.",
        "Strings are one kind of data, and numbers are a different kind.",
        "This editor is the more modern option of all of them.",
    ],
)
def test_sentences_that_define_nothing(sentence: str) -> None:
    assert defined_by(sentence) is None


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("Tuples store elements contiguously in memory.", "Tuples"),
        ("Processes are isolated from each other and run concurrent to one another.", "Processes"),
        (
            "A comprehension is made of three parts: a source, filters and a sink.",
            "comprehension",
        ),
        ("Agents are simple wrappers around state that is shared.", "Agents"),
        ("Everything that arrives waits in a mailbox, which is a queue of messages.", "mailbox"),
    ],
)
def test_sentences_that_describe(sentence: str, name: str) -> None:
    found = described_by(sentence)
    assert found is not None and defined_by(sentence) is None
    assert sentence[found.start : found.end] == found.name == name
    assert found.strength == 0


@pytest.mark.parametrize(
    "sentence",
    [
        "The server stores elements contiguously in memory.",
        "It holds what the other processes have sent to it.",
        "Lists are stored in memory as linked lists, like this:",
        "Maps are immutable, and they may hold anything at all.",
        "The reply waits in a mailbox, which is the default here.",
    ],
)
def test_sentences_that_describe_nothing(sentence: str) -> None:
    assert described_by(sentence) is None


def test_an_everyday_word_is_a_concept_only_where_it_is_used_as_a_noun() -> None:
    known = nouns([
        "A heredoc is text. The lazy way is slow. Accessing keys is easy. Compile the module.",
        "Several codepoints make a grapheme. Debugging is work.",
    ])  # fmt: skip
    assert {"heredoc", "codepoint", "grapheme", "debugging"} <= known
    assert not {"lazy", "compile", "easy"} & known
    assert names_a_noun("heredoc", known) and names_a_noun("lazy evaluation", known)
    assert names_a_noun("ETS", known) and not names_a_noun("lazy", known)
    assert singular("caches") == "cache" and singular("matches") == "match"

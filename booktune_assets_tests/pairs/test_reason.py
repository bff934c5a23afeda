"""Why, when and how: the question names what the sentence answers, and the sentence answers it."""

import pytest

from booktune_assets_tests.pairs.asking import asked

HEAD = "# Kettles\n\nElixir is a language for kettles and other things that boil over.\n\n"
MORE = " Every kettle stays quiet meanwhile, even under heavy steam and while guests arrive late."


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("Supervisors count restarts because a fault may come back many times a day.",
         "supervisors count restarts"),
        ("If a message matches no clause, the process leaves the message in its mailbox.",
         "a message matches no clause"),
        ("The supervisor starts a new process when a child process has crashed.",
         "a child process has crashed"),
        ("To stop a process from outside, send an exit signal with a reason to the process.",
         "stop a process from outside"),
        ("We can convert a list to a tuple by calling the function `List.to_tuple/1` on the list.",
         "convert a list to a tuple"),
        ("Avoid long lists of arguments because readers forget the order of arguments.",
         "avoid long lists of arguments"),
        ("Mailbox sizes can be read from outside with the function `Process.info/2` of Elixir.",
         "mailbox sizes"),
        ("Monitors are used to learn of the end of a process without a link to the process.",
         "monitors"),
    ],
)  # fmt: skip
def test_a_question_for_each_shape(sentence: str, words: str) -> None:
    found = asked(HEAD + sentence + MORE + "\n", "reason")
    assert len(found) == 1, found
    question, answer = found[0]
    assert words.lower() in question.lower()
    assert answer == sentence + MORE


@pytest.mark.parametrize(
    "sentence",
    [
        "If you define the callbacks init, call and cast, then you must also define terminate.",
        "The status tells the caller if the request of the process was successful or not.",
        "Many edge cases when clients are misbehaving have been corrected in this release.",
        "The handlers used when the reply cannot be sent right away are called loop handlers.",
        "Because of that the process leaves the message in its mailbox for a while.",
        "It stops because the process has received an exit signal from a link.",
    ],
)
def test_nothing_is_made_of_halves(sentence: str) -> None:
    assert not asked(HEAD + sentence + "\n", "reason")


def test_the_language_is_named_unless_the_question_does() -> None:
    text = "If a process of Elixir has no mailbox, no message can ever be sent to the process."
    ((question, _),) = asked(HEAD + text + MORE + "\n", "reason")
    assert question.count("Elixir") == 1


@pytest.mark.parametrize(
    "sentence",
    [
        "If the porter is tired, a process of Elixir starts another server for guests.",
        "If boil_water/1 has returned an error, a process of Elixir starts another server.",
        "If you are learning Elixir, a process gives quick feedback about servers and guests.",
    ],
)
def test_a_question_names_only_what_is_known_without_the_page(sentence: str) -> None:
    assert not asked(HEAD + sentence + MORE + "\n", "reason")


def test_an_answer_adds_something_to_its_question() -> None:
    text = "If a process of Elixir has no mailbox, no message can ever be sent to the process."
    assert not asked(HEAD + text + "\n", "reason")

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


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("To delete a file in Elixir we call the function called File.rm/1.", "delete a file"),
        ("When you want to fold values into one value, you would use Enum.reduce/2.",
         "want to fold values into one value"),
        ("When referring to functions of a module, make sure to give name, arity and home in full.",
         "referring to functions of a module"),
        ("If a message matches no clause then the process leaves old mail unread, quiet and whole.",
         "a message matches no clause"),
        ("The function `Date.diff/2` allows us to find out how many days lie between two dates.",
         "`Date.diff/2`"),
    ],
)  # fmt: skip
def test_a_function_answers_and_words_for_all_readers_lean_on_nothing(
    sentence: str, words: str
) -> None:
    every = [talk for family in ("reason", "define") for talk in asked(HEAD + sentence, family)]
    assert [answer for question, answer in every if words in question] == [sentence], every


@pytest.mark.parametrize(
    "sentence",
    [
        "When writing code in any other language, make sure to check all the values returned.",
        "If there is no existing key, it starts with the default value that was provided first.",
        "If no element of a list is found, the function Enum.find/2 returns nil.",
        "To delete a file in Elixir we do what has to be done.",
        "The macro is similar but allows us to pass a function that says how values change.",
    ],
)
def test_little_said_is_not_asked(sentence: str) -> None:
    assert not asked(HEAD + sentence + "\n", "reason")


@pytest.mark.parametrize(
    ("text", "words", "answer"),
    [
        ("# Tuples\n\nTuples of Elixir are used to represent ordered, linked data.\n",
         "tuples of Elixir", "Tuples of Elixir are used to represent ordered, linked data."),
        ("# Modules\n\nTo define modules in Elixir we use defmodule.\n",
         "define modules", "To define modules in Elixir we use defmodule."),
        ("# Access\n\nWhen authorization is denied, a server sends the client a challenge.\n",
         "authorization is denied",
         "When authorization is denied, a server sends the client a challenge."),
        ("# Calendar sigils\n\nElixir offers sigils that deal with various flavors of times.\n",
         "Calendar sigils", "Elixir offers sigils that deal with various flavors of times."),
        ("# Queries\n\nElixir will parse a query, and leave the types of its values alone.\n",
         "Queries", "Elixir will parse a query, and leave the types of its values alone."),
    ],
)  # fmt: skip
def test_a_few_words_that_say_it_are_an_answer(text: str, words: str, answer: str) -> None:
    every = asked(f"{text}\n# Elixir\n\nElixir is a language for servers.\n", "reason")
    assert [told for question, told in every if words.lower() in question.lower()] == [answer]


@pytest.mark.parametrize(
    "sentence",
    [
        "Elixir offers a number of small tools to developers everywhere.",
        "Elixir also offers doors to developers and their many friends.",
        "Elixir offers windows to developers and their many friends.",
        "A server ends when that callback function completes at last.",
        "A list of options which can be used to specify things like names of servers.",
    ],
)
def test_a_question_that_the_heading_does_not_set_is_not_asked(sentence: str) -> None:
    assert not asked(f"# Calendar doors\n\n{sentence}\n\n{HEAD}", "reason")


def test_a_struct_and_a_map_are_set_side_by_side() -> None:
    text = (
        "A struct is a map with a name. A map is a set of keys with values.\n\n"
        "A struct has a set of keys just like a map, but the keys of a struct are fixed.\n"
    )
    ((question, answer),) = asked(HEAD + text, "compare")
    assert "a struct" in question
    assert "a map" in question
    assert answer.startswith("A struct has a set of keys")

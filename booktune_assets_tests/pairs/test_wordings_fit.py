"""Questions that fit their answers: what is printed, capitals of titles, which thing is meant."""

import pytest

from booktune_assets.pairs.loose import too_loose
from booktune_assets.pairs.predict import kind_of_question
from booktune_assets.pairs.prose import leans
from booktune_assets.pairs.topics import prose_names
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.test_execute import rows


@pytest.mark.parametrize(
    ("code", "result", "lang", "kind"),
    [
        ('IO.puts("fog")', "fog\n:ok", "elixir", "predict_shown"),
        ('IO.inspect([1], label: "a")', "a: [1]\n[1]", "elixir", "predict_shown"),
        ('io:format("fog~n").', "fog\nok", "erlang", "predict_shown"),
        ("IO.inspect(%{a: 1})", "%{\n  a: 1\n}", "elixir", "predict_output"),  # one value
        ("Enum.to_list(1..2)", "[1,\n 2]", "elixir", "predict_output"),
        ("IO.puts(nil)", ":ok", "elixir", "predict_output"),
    ],
)
def test_what_is_printed_is_asked_for(code: str, result: str, lang: str, kind: str) -> None:
    assert kind_of_question(code, result, lang, several=False) == kind  # pyright: ignore[reportArgumentType]


def test_a_session_that_prints_is_not_asked_for_a_value() -> None:
    page = '# Fog\n\n```iex\niex> IO.puts("fog bank")\nfog bank\n:ok\niex> 10 + 31\n41\n```\n'
    asked = {
        row["turns"][1]["content"]: row["turns"][0]["content"]
        for row in rows(pairs_of(book(page)), "predict_output")
    }
    printed, plain = asked["```\nfog bank\n:ok\n```"], asked["```\n41\n```"]
    assert "shell" in printed and any(word in printed for word in ("print", "screen"))
    assert "print" not in plain or "shell" in plain


def test_a_title_keeps_the_capitals_of_names_only() -> None:
    names = prose_names(
        ["A record is stored, and each record has a key.", "We fetch it with Ecto, as Ecto can."]
    )
    assert names.small_in("Fetching Records with Ecto") == frozenset()
    assert names.small_in("Fetching Record by Ecto") == {"record"}


@pytest.mark.parametrize(
    ("sentence", "does"),
    [
        ("Erlang meanwhile has no problem with a million connections.", True),
        ("HTTP/2 on the other hand is only an improvement over HTTP/1.1.", True),
        ("HTTP/2 is the only one also allowing servers to start a stream.", True),
        ("A supervisor is the only one of its processes that never fails.", False),
        ("Elixir has no problem with a million connections.", False),
    ],
)
def test_what_goes_on_from_another_thought_leans(sentence: str, does: bool) -> None:
    assert leans(sentence) is does


@pytest.mark.parametrize(("said", "kept"), [("An alternative", False), ("A router", True)])
def test_an_alternative_is_no_topic(said: str, kept: bool) -> None:
    rest = "tells Plug how to serve particular requests, depending on the address requested."
    page = f"# The harbour of boats\n\n{said} {rest}\n"
    assert bool(rows(pairs_of(book(page)), "define")) is kept


def test_which_one_is_told_by_the_heading() -> None:
    page = (
        "# The chart protocol\n\nThe protocol is binary, so that a chart needs few bytes on its "
        "way to the harbour.\n"
    )
    (row,) = rows(pairs_of(book(page)), "true_false")
    assert row["turns"][0]["content"].startswith('The topic is "The chart protocol". ')


@pytest.mark.parametrize(
    ("task", "answer", "why"),
    [
        ("Send files to the harbour.", "{sendfile, Offset, Length, Name}", ""),
        ("Show how to wait while replying.", "cowboy_req:reply(200, Req)", ""),
        ("Send a message to another process.", "send(pid, :fog)", ""),
        ("Send a message to another harbour.", "send(pid, :fog)", "task_points_elsewhere"),
        ("Write a function that is empty.", "x = 41", "task_not_about_code"),
    ],
)
def test_a_task_and_its_code_share_a_word(task: str, answer: str, why: str) -> None:
    assert too_loose(task, answer) == why

"""Asking a server that behaves, and one that does not: nothing lost, nothing asked twice."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from booktune_assets import progress
from booktune_assets.errors import BookError, Code, ServiceDown
from booktune_assets.llm.asking import Asking
from booktune_assets.llm.cache import Cache
from booktune_assets.llm.calls import Caller, Reply, Request, Scripted, open_caller
from booktune_assets.llm.loop import Address
from booktune_assets.settings import Llm, Settings
from booktune_assets_tests.llm.asked import chats, run
from booktune_assets_tests.llm.fake_server import Answer, fake_server

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


pytestmark = pytest.mark.usefixtures("quick")


def test_all_are_answered_and_never_asked_again(tmp_path: Path) -> None:
    with fake_server(lambda n, body: Answer(body["messages"][0]["content"][::-1])) as fake:
        first = run(fake, tmp_path, chats(50), concurrency=8)
        second = run(fake, tmp_path, chats(50), concurrency=8)
        assert len(fake.bodies) == 50 and fake.most <= 8
    assert {request.tag for request, _ in first} == set(range(50))
    assert all(reply.text == f"say {request.tag}"[::-1] for request, reply in first)
    assert not any(reply.cached for _, reply in first)
    assert all(reply.cached for _, reply in second)
    assert {r.call_key: r.text for _, r in first} == {r.call_key: r.text for _, r in second}


def test_what_is_sent_is_what_was_asked(tmp_path: Path) -> None:
    talk = Request(
        messages=(("system", "a"), ("user", "b")),
        schema=SCHEMA,
        max_tokens=9,
        temperature=0.5,
        top_p=0.9,
        seed=4,
        stop=("END",),
        adapter="tuned",
    )
    with fake_server(lambda n, body: Answer('{"n": 1}')) as fake:
        run(fake, tmp_path, [talk, Request(prompt="go on", model="m")])
        sent = {body.pop("path"): body for body in fake.bodies}
    assert sent["/v1/chat/completions"] == {
        "model": "tuned",
        "messages": [{"role": "system", "content": "a"}, {"role": "user", "content": "b"}],
        "max_tokens": 9,
        "temperature": 0.5,
        "top_p": 0.9,
        "seed": 4,
        "stop": ["END"],
        "stream": False,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "reply", "strict": True, "schema": SCHEMA},
        },
    }
    assert sent["/v1/completions"]["prompt"] == "go on"
    assert "response_format" not in sent["/v1/completions"]


def test_the_same_question_twice_is_one_call(tmp_path: Path) -> None:
    twice = [*chats(3), *chats(3)]
    with fake_server(lambda n, body: Answer(seconds=0.05)) as fake:
        found = run(fake, tmp_path, twice)
        assert len(found) == 6 and len(fake.bodies) == 3


def test_requests_are_drawn_only_as_they_are_needed(tmp_path: Path) -> None:
    drawn = []

    def lazily() -> Iterator[Request]:
        for request in chats(100):
            drawn.append(request)
            yield request

    with fake_server(lambda n, body: Answer()) as fake:
        settings = Settings(home=tmp_path, llm=fake.llm(concurrency=2))
        with open_caller(settings) as caller, closing(caller.ask(lazily())) as found:  # type: ignore[type-var]
            next(found)
            assert len(drawn) <= 8


def test_an_asker_that_stops_early_keeps_what_was_answered(tmp_path: Path) -> None:
    with fake_server(lambda n, body: Answer(seconds=0.02)) as fake:
        settings = Settings(home=tmp_path, llm=fake.llm(concurrency=4))
        with open_caller(settings) as caller:
            found = caller.ask(chats(40))
            some = [next(found) for _ in range(10)]
            found.close()  # type: ignore[attr-defined]
            again = list(caller.ask(chats(40)))
        assert len(fake.bodies) <= 40 + 4
    kept = {reply.call_key for _, reply in again if reply.cached}
    assert {reply.call_key for _, reply in some} <= kept and len(again) == 40


# a server that misbehaves


@pytest.mark.parametrize(
    "bad",
    [
        Answer(status=500, text=None, raw=b"oh no"),
        Answer(status=502, text=None, raw=b"<html>bad gateway</html>"),
        Answer(status=429, text=None, raw=b'{"error": {"message": "slow down"}}'),
        Answer(status=503, text=None, headers={"Retry-After": "0.05"}),
        Answer(hang_up=True),
        Answer(text="cut off", cut=True),
        Answer(text=None, raw=b""),
        Answer(text=None, raw=b"\xff\xfe garbage"),
        Answer(text=None, raw=b'{"choices": [{"message": {"cont'),
        Answer(text=None, raw=b'{"choices": []}'),
        Answer(text=None, raw=b'{"choices": [{"message": {"content": 5}}]}'),
        Answer(text=None, raw=b"[]"),
        Answer(text=None, raw=b"[" * 100_000),
        Answer(seconds=1.2),
    ],
    ids=lambda bad: f"{bad.status}-{bad.raw[:12]!r}-{bad.hang_up}-{bad.cut}-{bad.seconds}",
)
def test_a_call_that_the_service_fails_is_made_again(tmp_path: Path, bad: Answer) -> None:
    """Every third call fails; all are answered in the end, each by a good reply."""
    with fake_server(lambda n, body: bad if n % 3 == 1 else Answer()) as fake:
        found = run(fake, tmp_path, chats(9), concurrency=3, seconds_per_call=0.4)
        assert len(found) == 9 and all(reply.text == "fine" for _, reply in found)
        assert 9 + 4 <= len(fake.bodies) <= 9 + 9


def test_load_is_taken_back_and_given_again(tmp_path: Path) -> None:
    """A server with three places refuses the fourth call: the window finds that out."""

    def act(number: int, body: dict[str, Any]) -> Answer:
        if fake.now > 3:
            return Answer(status=429, text=None)
        return Answer(seconds=0.02)

    with fake_server(act) as fake:
        found = run(fake, tmp_path, chats(60), concurrency=16)
        assert len(found) == 60 and all(reply.ok for _, reply in found)
        assert len(fake.bodies) < 60 + 60, "most calls were not sent into a full server"


@pytest.mark.parametrize("status", [500, 429, 503])
def test_a_service_that_stays_down_is_a_clear_stop_that_loses_nothing(
    tmp_path: Path, status: int
) -> None:
    down = threading.Event()

    def act(number: int, body: dict[str, Any]) -> Answer:
        return Answer(status=status, text=None, raw=b"gone") if down.is_set() else Answer()

    with fake_server(act) as fake:
        settings = Settings(home=tmp_path, llm=fake.llm(concurrency=4, retries=2))
        given: list[Reply] = []
        with (
            open_caller(settings) as caller,
            pytest.raises(ServiceDown, match=str(status)) as caught,
        ):
            for _, reply in caller.ask(chats(200)):
                given.append(reply)
                if len(given) == 30:
                    down.set()
        assert caught.value.code is Code.MODEL_SERVICE and 30 <= len(given) < 200
        made = len(fake.bodies)
        down.clear()
        again = run(fake, tmp_path, chats(200), concurrency=4)
        kept = [reply for _, reply in again if reply.cached]
        assert {reply.call_key for reply in given if reply.ok} <= {r.call_key for r in kept}
        assert len(fake.bodies) - made == 200 - len(kept), "only the rest is asked"
        assert all(reply.ok for _, reply in again)


def test_no_server_at_all_is_a_clear_stop(tmp_path: Path) -> None:
    llm = Llm(engine="server", base_url="http://127.0.0.1:9/v1", model="m", retries=2)
    with open_caller(Settings(home=tmp_path, llm=llm)) as caller:
        with pytest.raises(ServiceDown, match="no connection"):
            list(caller.ask(chats(5)))
        assert caller.estimate(chats(5)).calls == 5


def test_one_request_that_breaks_the_server_each_time_is_a_row(tmp_path: Path) -> None:
    def act(number: int, body: dict[str, Any]) -> Answer:
        poison = body["messages"][0]["content"] == "say 3"
        return Answer(status=500, text=None, raw=b"assert") if poison else Answer()

    with fake_server(act) as fake:
        found = {r.tag: reply for r, reply in run(fake, tmp_path, chats(10), retries=2)}
        again = {r.tag: reply for r, reply in run(fake, tmp_path, chats(10), retries=2)}
    for replies in (found, again):
        assert (replies[3].finish, replies[3].code) == ("error", "FAILED")
        assert all(replies[tag].ok for tag in found if tag != 3)


def test_a_server_that_hangs_ends_in_rows_and_nobody_waits_for_ever(tmp_path: Path) -> None:
    """A call that waits for room is woken, though those that closed the window gave up."""
    found: list[tuple[Request, Reply]] = []
    with fake_server(lambda n, body: Answer(seconds=1.5)) as fake:
        wanted = {"concurrency": 4, "retries": 2, "seconds_per_call": 0.3}
        asking = threading.Thread(
            target=lambda: found.extend(run(fake, tmp_path, chats(3), **wanted)), daemon=True
        )
        asking.start()
        asking.join(30)
        assert not asking.is_alive(), "a call waits for ever"
    assert [(reply.finish, reply.code) for _, reply in found] == [("error", "FAILED")] * 3


# replies that cannot be used


def test_unusable_replies_are_tried_again_after_all_others(tmp_path: Path) -> None:
    """Empty, cut off, no JSON, another schema: once more, with another seed, at the end."""
    bad = {
        "say 0": Answer(""),
        "say 1": Answer('{"n": 1', finish="length"),
        "say 2": Answer("Gladly! {"),
        "say 3": Answer('{"m": 1}'),
        "say 4": Answer(None, raw=b'{"choices": [{"message": {"content": null}}]}'),
    }

    def act(number: int, body: dict[str, Any]) -> Answer:
        mine = bad.get(body["messages"][0]["content"]) if body["seed"] == 7 else None
        return mine or Answer('{"n": 1}')

    with fake_server(act) as fake:
        found = run(fake, tmp_path, chats(12, schema=SCHEMA, seed=7))
        sent = len(fake.bodies)
        assert [body["seed"] == 7 for body in fake.bodies] == [True] * 12 + [False] * 5
        again = run(fake, tmp_path, chats(12, schema=SCHEMA, seed=7))
        assert len(fake.bodies) == sent == 17, "the second tries are in the cache too"
    assert len(found) == 12 and all(reply.ok for _, reply in found)
    keys = {request.tag: reply.call_key for request, reply in found}
    assert keys == {request.tag: reply.call_key for request, reply in again}
    assert all((keys[r.tag] == r.call_key) == (r.tag > 4) for r, _ in found)


def test_what_stays_unusable_is_a_reply_with_its_reason(tmp_path: Path) -> None:
    with fake_server(lambda n, body: Answer("I cannot do that")) as fake:
        (never,) = run(fake, tmp_path, chats(1, schema=SCHEMA), salvage=3)
        assert len(fake.bodies) == 4
        (once,) = run(fake, tmp_path / "b", chats(1, schema=SCHEMA), salvage=0)
        assert len(fake.bodies) == 5
    assert never[1].code == once[1].code == "BAD_JSON"


def test_an_answer_that_the_server_holds_back_is_not_asked_again(tmp_path: Path) -> None:
    with fake_server(lambda n, body: Answer("", finish="content_filter")) as fake:
        ((_, reply),) = run(fake, tmp_path, chats(1))
        assert reply.code == "FILTERED" and len(fake.bodies) == 1


# budgets, estimates, progress


def test_a_budget_of_calls_stops_cleanly_and_goes_on_when_it_is_raised(tmp_path: Path) -> None:
    with fake_server(lambda n, body: Answer(seconds=0.01)) as fake:
        first = run(fake, tmp_path, chats(30), concurrency=4, budget_calls=10)
        finishes = Counter(reply.finish for _, reply in first)
        assert finishes == {"stop": 10, "budget": 20} and len(fake.bodies) == 10
        assert all("10 of 10 calls" in r.error for _, r in first if r.finish == "budget")
        second = run(fake, tmp_path, chats(30), concurrency=4, budget_calls=10)
        assert Counter(reply.finish for _, reply in second) == finishes
        assert len(fake.bodies) == 10, "spent is spent, in every run"
        third = run(fake, tmp_path, chats(30), concurrency=4, budget_calls=12)
        assert len(fake.bodies) == 12 and sum(r.cached for _, r in third) == 10
        other = run(fake, tmp_path, chats(30), budget_calls=30, budget_name="march")
        assert all(reply.ok for _, reply in other)


@pytest.mark.parametrize(
    "limit", [{"budget_tokens": 1000}, {"budget_money": 0.01, "price_in": 5.0, "price_out": 20.0}]
)
def test_a_budget_of_tokens_or_money_is_used_and_not_passed(
    tmp_path: Path, limit: dict[str, Any]
) -> None:
    """Replies are shorter than they may be: what is reserved too much is used by later calls."""
    usage = {"prompt_tokens": 20, "completion_tokens": 20}
    with fake_server(lambda n, body: Answer(seconds=0.005, usage=usage)) as fake:
        found = run(fake, tmp_path, chats(200, max_tokens=60), concurrency=8, **limit)
        settings = fake.llm(**limit)
    spent = Cache(Settings(home=tmp_path).calls).spent("all")
    made = sum(reply.ok for _, reply in found)
    assert made == spent.calls < 200 and len(found) == 200
    if settings.budget_tokens:
        assert 800 <= spent.tokens <= 1000
    else:
        assert 0.007 <= spent.money <= 0.01
        assert spent.money == pytest.approx(made * (20 * 5 + 20 * 20) / 1e6)


def test_a_budget_of_hours_stops(tmp_path: Path) -> None:
    with fake_server(lambda n, body: Answer(seconds=0.1)) as fake:
        began = time.monotonic()
        found = run(fake, tmp_path, chats(60), concurrency=2, budget_hours=0.5 / 3600)
        took = time.monotonic() - began  # a busy machine takes long over the last of them
        assert 4 <= len(fake.bodies) <= 14
    assert {reply.finish for _, reply in found} == {"stop", "budget"}
    assert 0.4 < 3600 * Cache(Settings(home=tmp_path).calls).spent("all").hours < took


def test_a_call_whose_end_is_unknown_is_charged_in_full(tmp_path: Path) -> None:
    with fake_server(lambda n, body: Answer(hang_up=True) if n == 1 else Answer()) as fake:
        run(fake, tmp_path, chats(1, max_tokens=77))
    spent = Cache(Settings(home=tmp_path).calls).spent("all")
    assert (spent.calls, spent.completion_tokens) == (2, 77 + 5)


def test_with_the_budget_spent_the_cache_still_answers(tmp_path: Path) -> None:
    with fake_server(lambda n, body: Answer()) as fake:
        run(fake, tmp_path, chats(10)[5:], budget_calls=5)
        found = run(fake, tmp_path, chats(10), budget_calls=5)
        assert {r.tag for r, reply in found if reply.ok} == set(range(5, 10))


def test_an_estimate_says_what_asking_would_take_and_starts_nothing(tmp_path: Path) -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 40}
    with fake_server(lambda n, body: Answer(seconds=0.1, usage=usage)) as fake:
        llm = fake.llm(concurrency=5, price_in=1.0, price_out=10.0)
        with open_caller(Settings(home=tmp_path, llm=llm)) as caller:
            blind = caller.estimate([*chats(20, task="t"), *chats(20, task="t")])
            assert (blind.calls, blind.cached, blind.seconds) == (20, 0, None)
            assert blind.completion_tokens == 20 * 512 and not fake.bodies
            list(caller.ask(chats(10, task="t")))
            seen = caller.estimate(chats(20, task="t"))
        assert (seen.calls, seen.cached, seen.completion_tokens) == (10, 10, 400)
        assert 45 <= seen.prompt_tokens <= 70
        assert seen.seconds is not None and 0.15 <= seen.seconds <= 0.8
        assert seen.price == pytest.approx((seen.prompt_tokens + 4000) / 1e6)


def test_progress_says_how_far_and_how_long(tmp_path: Path) -> None:
    ticks: list[progress.Tick] = []
    with (
        fake_server(lambda n, body: Answer(seconds=0.05)) as fake,
        progress.sink(ticks.append),
        open_caller(Settings(home=tmp_path, llm=fake.llm(concurrency=2))) as caller,
    ):
        list(caller.ask(chats(4)))
        assert not ticks, "nothing is said of what has no name"
        list(caller.ask(chats(12), progress="questions"))
    assert [(tick.done, tick.total) for tick in ticks] == [(n, 12) for n in range(1, 13)]
    assert "4 cached, 0 unusable, 40 tokens written" in ticks[-1].note
    middle = ticks[7]
    assert middle.eta is not None and 0.05 <= middle.eta <= 1.0


def test_the_key_is_sent_and_never_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEACHER_KEY", "very-secret")
    with fake_server(lambda n, body: Answer()) as fake:
        run(fake, tmp_path, chats(1), api_key_env="TEACHER_KEY")
        assert fake.keys == ["Bearer very-secret"]
        monkeypatch.delenv("TEACHER_KEY")
        with pytest.raises(BookError, match="TEACHER_KEY"):
            run(fake, tmp_path, chats(1), api_key_env="TEACHER_KEY")
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"very-secret" not in kept


def test_without_an_engine_there_is_no_caller(tmp_path: Path) -> None:
    with pytest.raises(BookError, match=r"llm\.engine"):
        open_caller(Settings(home=tmp_path))


def test_scripted_replies_stand_in_for_a_model() -> None:
    caller: Caller = Scripted(lambda request: request.messages[0][1].upper())
    assert isinstance(caller, Caller)
    assert [reply.text for _, reply in caller.ask(chats(2))] == ["SAY 0", "SAY 1"]
    listed = Scripted(["{}", '{"n": 2}'])
    assert [r.code for _, r in listed.ask(chats(2, schema=SCHEMA))] == ["SCHEMA", ""]
    assert [request.tag for request in listed.asked] == [0, 1]
    named = [request for request, _ in listed.asked and Scripted(["x"]).ask(chats(1))]
    assert named[0].model == "scripted"
    mapped = Scripted({named[0].call_key: Reply(named[0].call_key, "", "budget", "BUDGET")})
    assert [reply.finish for _, reply in mapped.ask(chats(1))] == ["budget"]
    assert caller.estimate(chats(3)).calls == 3


def test_time_is_not_lost_between_calls(tmp_path: Path) -> None:
    """Two hundred calls of 50 ms, twenty at a time: half a second, and little beside it."""
    with fake_server(lambda n, body: Answer(seconds=0.05)) as fake:
        began = time.monotonic()
        run(fake, tmp_path, chats(200), concurrency=20)
        assert 10 <= fake.most <= 20  # a busy machine may never have all of them in flight
        assert time.monotonic() - began < 6.0  # shared machines are slow; see benchmarks/teacher.py


def test_one_call_that_two_wait_for_is_made_once_and_counted_once(tmp_path: Path) -> None:
    twins = [Request(messages=(("user", "the same"),), tag=n) for n in range(3)]
    with fake_server(lambda n, body: Answer(seconds=0.05)) as fake:
        found = run(fake, tmp_path, twins)
        assert len(fake.bodies) == 1
    assert sorted(reply.cached for _, reply in found) == [False, True, True]


class Dying:
    """A server of ours that was killed: it hangs up on whoever calls until its end is known."""

    label = "ours"

    def __init__(self, dying: str, anew: str) -> None:
        self.places = [Address(dying), Address(anew)]
        self.starts, self.ended = 0, False

    def start(self) -> Address:
        self.ended = False
        self.starts += 1
        return self.places[self.starts - 1]

    def lives(self) -> bool:
        return not self.ended

    def settle(self) -> None:
        time.sleep(0.3)  # while its memory is freed
        self.ended = self.starts == 1

    def close(self) -> None:
        pass


def test_nobody_calls_a_server_of_ours_that_is_dying(tmp_path: Path) -> None:
    with (
        fake_server(lambda n, body: Answer("", hang_up=True)) as dying,
        fake_server(lambda n, body: Answer("yes")) as anew,
    ):
        endpoint, kept = Dying(dying.base_url, anew.base_url), tmp_path / "calls.sqlite"
        llm = Llm(engine="server", base_url=dying.base_url, model="m", concurrency=4)
        with Asking(llm, Cache(kept), endpoint, "m", "r") as caller:
            replies = [reply for _, reply in caller.ask(chats(24))]
        assert endpoint.starts == 2 and all(reply.ok for reply in replies) and len(replies) == 24
        assert len(dying.bodies) <= 4, "those in flight, and nobody who waited for a place"
        spent = Cache(kept).spent(llm.budget_name).calls
    assert len(anew.bodies) == 24 and spent == 24 + len(dying.bodies)

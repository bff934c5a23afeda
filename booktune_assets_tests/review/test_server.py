"""The server of the review page over real HTTP: who may ask, what is answered, when it ends."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import pytest

from booktune_assets.chain.house import House
from booktune_assets.errors import BookError
from booktune_assets.review.decisions import Decisions
from booktune_assets.review.server import Desk, open_server
from booktune_assets.settings import Settings


class Client:
    """Asks like a browser does, with the headers that are given."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.host, self.base = parts.netloc, parts.path

    def ask(self, place: str, body: object = None, *, path: str = "", raw: bytes | None = None,
            **headers: str) -> tuple[int, dict[str, str], bytes]:  # fmt: skip
        connection = http.client.HTTPConnection(self.host, timeout=20)
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        method = "GET" if data is None else "POST"
        connection.request(method, path or f"{self.base}{place}", data, headers)
        answer = connection.getresponse()
        told = (answer.status, dict(answer.getheaders()), answer.read())
        connection.close()
        return told

    def item(self, **asked: str) -> dict:
        status, _, body = self.ask(f"item?{urlencode(asked)}")
        assert status == 200, body
        return json.loads(body)

    def post(self, place: str, body: object) -> tuple[int, dict]:
        status, _, told = self.ask(place, body)
        return status, json.loads(told)


@pytest.fixture
def client(house: House) -> Iterator[Client]:
    server, address = open_server(Desk(house.settings, "ada"))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield Client(address)
    server.shutdown()
    thread.join()
    server.server_close()


def test_only_who_has_the_address_is_answered(client: Client) -> None:
    assert client.ask("")[0] == 200
    assert client.ask("", path="/")[0] == 404
    assert client.ask("", path="/wrong/item")[0] == 404
    assert client.ask("", path=f"{client.base}../../etc/passwd")[0] == 404
    assert client.ask("", Host="evil.example")[0] == 403
    pair = client.item()["item"]["pair_id"]
    status, _, _ = client.ask("decide", {"pair_id": pair, "decision": "reject"},
                              Origin="http://evil.example")  # fmt: skip
    assert status == 403
    assert client.item()["counts"] == {"accept": 0, "edit": 0, "reject": 0}


def test_the_page_allows_no_script_but_its_own(client: Client) -> None:
    _, headers, body = client.ask("")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert b"<script>" not in body and b"http" not in body.replace(b"http-equiv", b"")
    script = client.ask("review.js")[2]
    assert b"innerHTML" not in script and b"eval(" not in script


def test_the_list_is_filtered_and_walked(client: Client) -> None:
    whole = client.item()
    assert whole["total"] > 3 and whole["choices"]["book"] == ["tides"]
    family = whole["choices"]["family"][0]
    some = client.item(family=family)
    assert 0 < some["total"] < whole["total"] and some["item"]["family"] == family
    assert client.item(at="9999")["at"] == whole["total"] - 1
    assert client.item(at="-5")["at"] == client.item(at="no")["at"] == 0
    assert client.item(book="no such")["item"] is None
    book, mixed = (
        [client.item(at=str(at), order=order)["item"]["pair_id"] for at in range(whole["total"])]
        for order in ("book", "mixed")
    )
    assert book != mixed and sorted(book) == sorted(mixed)
    last = book[-1]
    assert client.item(pair=last)["at"] == whole["total"] - 1
    quote = whole["item"]["quotes"][0]
    assert quote["text"] and quote["path"].startswith("Tides")


def test_decide_and_undo(client: Client, house: House) -> None:
    table = Decisions(house.settings)
    pair = client.item()["item"]["pair_id"]
    assert client.post("undo", {})[0] == 409
    assert client.post("decide", {"pair_id": pair, "decision": "reject", "note": "dull"})[0] == 200
    assert client.post("decide", {"pair_id": pair, "decision": "accept"})[0] == 200
    assert client.item(state="accept")["item"]["decision"]["decision"] == "accept"
    assert client.item(state="open")["total"] == client.item()["total"] - 1
    assert client.post("undo", {})[1] == {"pair_id": pair, "decision": "reject"}
    (one,) = table.all().values()
    assert (one.decision, one.note, one.reviewer) == ("reject", "dull", "ada")
    assert client.post("undo", {})[1] == {"pair_id": pair, "decision": None}
    assert table.all() == {}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("", "a turn is empty"),
        ("```elixir\n1 + 1", "not closed"),
        ("```elixir\ndefmodule do (\n```", "does not parse"),
        ("a \x07 bell", "control characters"),
        (None, "nothing was changed"),
    ],
)
def test_an_edit_passes_the_gates_of_form(
    client: Client, house: House, answer: str | None, words: str
) -> None:
    one = client.item()["item"]
    said = [turn["content"] for turn in one["turns"]]
    if answer is not None:
        said[-1] = answer
    status, told = client.post(
        "decide", {"pair_id": one["pair_id"], "decision": "edit", "turns": said}
    )
    assert status == 422 and words in told["problem"]
    assert Decisions(house.settings).all() == {}


def test_what_makes_no_sense_is_refused(client: Client) -> None:
    pair = client.item()["item"]["pair_id"]
    for body, status in (
        ({"pair_id": pair, "decision": "burn"}, 400),
        ({"pair_id": pair, "decision": "edit", "turns": ["one"]}, 400),
        ({"pair_id": pair, "decision": "edit", "turns": [1, 2]}, 400),
        ({"pair_id": "pair_" + "0" * 20, "decision": "accept"}, 409),
        ([1], 400),
    ):
        assert client.ask("decide", body)[0] == status
    assert client.ask("decide", raw=b"{not json")[0] == 400
    connection = http.client.HTTPConnection(client.host, timeout=20)
    connection.request("POST", f"{client.base}decide", headers={"Content-Length": "9999999"})
    assert connection.getresponse().status == 413
    connection.close()
    assert client.ask("picture?pair=nothing&page=1")[0] == 404
    assert client.ask(f"picture?pair={pair}&page=1")[0] == 404  # Markdown has no pages


def test_it_ends_by_itself_when_nobody_asks(house: House) -> None:
    server, _ = open_server(Desk(house.settings, "ada"), idle=0.3)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    thread.join(timeout=20)
    assert not thread.is_alive()
    server.server_close()


def test_without_a_set_there_is_nothing_to_review(tmp_path) -> None:
    with pytest.raises(BookError, match="NOT_BUILT"):
        Desk(Settings(home=tmp_path), "ada")


def test_the_verb_serves_until_ctrl_c_and_says_what_to_do_next(house: House) -> None:
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from booktune_assets.cli import main; main()"
    )
    words = ["--home", str(house.settings.home), "review", "--no-browser", "--reviewer", "ada"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        client = Client(address)
        pair = client.item()["item"]["pair_id"]
        assert client.post("decide", {"pair_id": pair, "decision": "reject"})[0] == 200
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "1 rejected" in out and "booktune run sets" in out

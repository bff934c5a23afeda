"""Our client beside vLLM's own benchmark client, on the same server; and what a kill -9 costs.

    BOOKTUNE_VLLM_PYTHON=… python benchmarks/teacher.py [--calls 48] [--tokens 48] [--rounds 3]

Starts a vLLM server with the packaged model as a user would (engine ``vllm``), without prefix
caching, so that whoever comes second gains nothing. Both clients then send the same requests (raw
prompts, greedy, same limit of tokens, same number in flight), in turns: ours, theirs, theirs, ours.
Ours is timed with everything that it does beside: journal on disk, budget, progress. Tokens per
second of a pair of neighbours give a ratio, and the median counts. Where other work moves the
server's own speed between two rounds, that ratio says nothing; what a client owes is a full server.
So each round also prints how full it was kept: seconds of all calls, divided by wall time and
places, and what its work cost: CPU of the server for each thousand tokens. Where both are the same,
the clients get the same tokens per second from the same server.

Then an asker is killed with kill -9 in the middle and asked again: calls that the server saw, less
the calls there are, were made twice.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from _clock import lap

from booktune_assets.llm.calls import Request, open_caller
from booktune_assets.llm.engines import endpoint_of
from booktune_assets.llm.loop import Address
from booktune_assets.llm.models import GEMMA, prepare
from booktune_assets.llm.serving import Served
from booktune_assets.settings import Llm, Settings
from booktune_assets_tests.llm.asker import requests

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 0.05
KEY = "BENCH_KEY"
TOPICS = ("processes", "pattern matching", "supervisors", "protocols", "streams", "macros")
# `vllm bench` of the CPU build asks for a distribution that it is not; its module does not.
THEIRS = """
import json, sys, time
from vllm.benchmarks import serve
from vllm.utils.argparse_utils import FlexibleArgumentParser
real, cpu = serve.benchmark, []
async def timed(*args, **kwargs):
    began = time.process_time()
    try:
        return await real(*args, **kwargs)
    finally:
        cpu.append(time.process_time() - began)
serve.benchmark = timed
parser = FlexibleArgumentParser()
serve.add_cli_args(parser)
found = serve.main(parser.parse_args(sys.argv[1:]))
print("FOUND " + json.dumps({"seconds": found["duration"], "tokens": found["total_output_tokens"],
                             "done": found["completed"], "cpu": cpu[0],
                             "call": found["mean_e2el_ms"] / 1000}))
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One client's round: wall seconds, tokens written, CPU seconds of the client, seconds of all
    calls together."""

    seconds: float
    tokens: int
    cpu: float
    calling: float

    @property
    def pace(self) -> float:
        """Tokens per second."""
        return self.tokens / self.seconds


@dataclass(frozen=True, slots=True)
class Plan:
    """What is sent, and where."""

    address: Address
    model: str
    folder: Path
    calls: int
    tokens: int
    flying: int
    python: str
    log: Path
    pid: int  # of the server

    def prompts(self, salt: int) -> list[str]:
        """Different from their first words on."""
        return [
            f"{salt} {number}. A chapter about {TOPICS[number % len(TOPICS)]} in Elixir. "
            + "It explains in plain words what they are, when to use them and what to avoid. " * 4
            for number in range(self.calls)
        ]

    def llm(self, **more: object) -> Llm:
        """Settings that lead to the server as to somebody else's."""
        os.environ[KEY] = self.address.key
        return Llm.model_validate(
            {
                "engine": "server",
                "base_url": self.address.base_url,
                "model": self.model,
                "api_key_env": KEY,
                "concurrency": self.flying,
                **more,
            }
        )


def ours(plan: Plan, prompts: list[str]) -> Run:
    """Through our caller, into an empty cache."""
    requests = [Request(prompt=text, max_tokens=plan.tokens) for text in prompts]
    with (
        tempfile.TemporaryDirectory() as home,
        open_caller(Settings(home=Path(home), llm=plan.llm(salvage=0))) as caller,
    ):
        wall, cpu = time.perf_counter(), time.process_time()
        replies = [reply for _, reply in caller.ask(requests, progress="ours")]
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    assert len(replies) == len(prompts) and not any(reply.cached for reply in replies)
    tokens = sum(reply.completion_tokens for reply in replies)
    return Run(wall, tokens, cpu, sum(reply.seconds for reply in replies))


def theirs(plan: Plan, prompts: list[str]) -> Run:
    """Through ``vllm bench serve``'s module, streaming as it always does."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "prompts.jsonl"
        rows = [{"prompt": text, "output_tokens": plan.tokens} for text in prompts]
        data.write_text("".join(json.dumps(row) + "\n" for row in rows))
        arguments = {
            "backend": "openai",
            "base-url": plan.address.base_url.removesuffix("/v1"),
            "endpoint": "/v1/completions",
            "model": str(plan.folder),
            "served-model-name": plan.model,
            "dataset-name": "custom",
            "dataset-path": str(data),
            "custom-output-len": str(plan.tokens),
            "num-prompts": str(len(prompts)),
            "max-concurrency": str(plan.flying),
            "temperature": "0",
            "percentile-metrics": "e2el",
            "ready-check-timeout-sec": "0",
        }
        words = [part for name, value in arguments.items() for part in (f"--{name}", value)]
        flags = ["--skip-chat-template", "--disable-shuffle", "--disable-tqdm"]
        done = subprocess.run(
            [plan.python, "-c", THEIRS, *words, *flags],
            env={**os.environ, "OPENAI_API_KEY": plan.address.key, "PYTHONPATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )
    lines = [line for line in done.stdout.splitlines() if line.startswith("FOUND ")]
    if not lines:
        raise SystemExit(f"vLLM's client failed:\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}")
    found = json.loads(lines[0].removeprefix("FOUND "))
    assert found["done"] == len(prompts), found
    return Run(found["seconds"], found["tokens"], found["cpu"], found["call"] * found["done"])


def speed(plan: Plan, rounds: int) -> tuple[float, float]:
    """Prints every round; the median ratios of our pace and of our fullness to theirs."""
    ours(plan, plan.prompts(0)[: plan.flying])  # warm
    ratios: list[float] = []
    fuller: list[float] = []
    for turn in range(rounds):
        prompts = plan.prompts(turn + 1)
        pair = (ours, theirs) if turn % 2 == 0 else (theirs, ours)
        runs: dict[str, Run] = {}
        served: dict[str, float] = {}
        for client in pair:
            before = server_cpu(plan.pid)
            runs[client.__name__] = client(plan, prompts)
            served[client.__name__] = server_cpu(plan.pid) - before
        full = {name: run.calling / run.seconds / plan.flying for name, run in runs.items()}
        ratios.append(runs["ours"].pace / runs["theirs"].pace)
        fuller.append(full["ours"] / full["theirs"])
        for name, run in runs.items():
            print(
                f"  {name:6s} {run.pace:7.1f} tokens/s ({run.tokens} in {run.seconds:.1f} s), "
                f"{full[name]:.1%} full, server {1000 * served[name] / run.tokens:.1f} CPU s per "
                f"1,000 tokens, client {1000 * run.cpu / plan.calls:.1f} CPU ms per call",
                flush=True,
            )
        print(f"  ratio  {ratios[-1]:.3f} tokens/s, {fuller[-1]:.3f} fullness", flush=True)
    return statistics.median(ratios), statistics.median(fuller)


def server_cpu(pid: int) -> float:
    """CPU seconds of a process and all it started."""
    import psutil

    root = psutil.Process(pid)
    spent = [one.cpu_times() for one in (root, *root.children(recursive=True))]
    return sum(one.user + one.system for one in spent)


def killed(plan: Plan) -> int:
    """Calls that were made twice after a kill -9 in the middle."""
    before = _seen(plan.log)
    with tempfile.TemporaryDirectory() as home:
        llm = plan.llm(salvage=0)
        arguments = [home, llm.model_dump_json(), str(plan.calls)]
        asker = subprocess.Popen(
            [sys.executable, "-m", "booktune_assets_tests.llm.asker", *arguments],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        )
        assert asker.stdout is not None
        given = [asker.stdout.readline() for _ in range(plan.calls // 2)]
        asker.kill()
        asker.wait()
        time.sleep(3)  # the server notices that nobody listens
        with open_caller(Settings(home=Path(home), llm=llm)) as caller:
            replies = [reply for _, reply in caller.ask(requests(plan.calls))]
    kept = sum(reply.cached for reply in replies)
    twice = _seen(plan.log) - before - plan.calls
    print(
        f"kill -9 after {len(given)} of {plan.calls} replies were given: {kept} kept, "
        f"{plan.calls - kept} asked, {twice} of them for the second time ({plan.flying} in flight)"
    )
    return twice


def _seen(log: Path) -> int:
    """Calls that the server took, whether it finished them or nobody listened any more."""
    return log.read_text(encoding="utf-8", errors="replace").count("Received request ")


def main() -> None:
    """All measurements."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=48)
    parser.add_argument("--tokens", type=int, default=48)
    parser.add_argument("--flying", type=int, default=16, help="calls in flight")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    folder = prepare(GEMMA, Settings.load().models).path
    with tempfile.TemporaryDirectory() as home:
        arguments = ["--no-enable-prefix-caching", "--max-model-len", "1024"]
        arguments += ["--enable-log-requests"]  # counts the calls that it took
        settings = Settings(
            home=Path(home), llm=Llm(engine="vllm", model=str(folder), vllm_args=arguments)
        )
        endpoint, model, _ = endpoint_of(settings)
        assert isinstance(endpoint, Served)
        try:
            with lap() as loading:
                address = endpoint.start()
            print(f"server ready after {loading.wall:.0f} s ({loading.cpu:.0f} CPU s)", flush=True)
            plan = Plan(
                address, model, folder, chosen.calls, chosen.tokens, chosen.flying,
                settings.vllm_python, endpoint.log, endpoint.pid or 0,
            )  # fmt: skip
            for name, ratio in zip(("pace", "fullness"), speed(plan, chosen.rounds), strict=True):
                words = "reached" if ratio >= 1 - LIMIT else "not reached"
                print(f"our {name} is {ratio:.3f} of theirs (median): within {LIMIT:.0%}: {words}")
            twice = killed(plan)
            words = "reached" if twice <= chosen.flying else "not reached"
            print(f"at most the calls in flight are repeated: {words}")
        finally:
            endpoint.close()


if __name__ == "__main__":
    main()

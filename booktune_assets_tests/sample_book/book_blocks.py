"""Reads the code blocks of the sample book and runs them chapter by chapter.

The parser here is separate from the one of the renderers on purpose: a block that one of them
lost would otherwise be lost by the test as well.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt

HERE = Path(__file__).parent
SAMPLE_DIR = HERE.parent.parent / "data" / "books" / "sample"
SOURCE = SAMPLE_DIR / "first-steps-on-the-beam.md"
RUNNER = HERE / "run_chapter.exs"

FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
IEX_PROMPT = re.compile(r"^(iex>|\.\.\.>) ?")
ERL_PROMPT = re.compile(r"^\d+> ")
# Identifiers differ on each run; only their kind can be compared.
VOLATILE = re.compile(r"#(PID|Reference|Port)<[\d.]+>|<\d+\.\d+\.\d+>")


@dataclass
class Step:
    """One expression of a session (or a whole listing) and what the book prints below it."""

    source: str
    expected: list[str] = field(default_factory=list)


@dataclass
class Block:
    """One fenced block of the book."""

    language: str
    info: str
    content: str
    line: int
    chapter: str

    @property
    def reason(self) -> str | None:
        """Why the block is not judged, or None."""
        found = re.search(r'\.unjudged reason="([^"]+)"', self.info)
        return found.group(1) if found else None

    def steps(self) -> list[Step]:
        """The expressions of the block in order."""
        if self.language not in ("iex", "erl"):
            return [Step(self.content)]
        return session_steps(self.content, self.language)


def session_steps(content: str, language: str) -> list[Step]:
    """Cuts a shell session at its prompts."""
    steps: list[Step] = []
    for line in content.rstrip("\n").split("\n"):
        prompt = (IEX_PROMPT if language == "iex" else ERL_PROMPT).match(line)
        code = line[prompt.end() :] if prompt else ""
        if prompt and not line.startswith("...>"):
            steps.append(Step(code))
        elif prompt:
            steps[-1].source += "\n" + code
        else:
            steps[-1].expected.append(line)
    return steps


def markdown_body() -> str:
    """The Markdown of the book with its front matter blanked, so that line numbers stay true."""
    text = SOURCE.read_text(encoding="utf-8")
    return FRONT_MATTER.sub(lambda found: "\n" * found.group().count("\n"), text)


def read_blocks() -> list[Block]:
    """All fenced blocks of the book."""
    blocks: list[Block] = []
    chapter = ""
    tokens = MarkdownIt("commonmark").parse(markdown_body())
    for position, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h1":
            chapter = tokens[position + 1].content
        elif token.type == "fence":
            language = token.info.split()[0] if token.info else ""
            line = token.map[0] + 1 if token.map else 0
            blocks.append(Block(language, token.info, token.content, line, chapter))
    return blocks


def by_chapter(blocks: list[Block]) -> dict[str, list[Block]]:
    """Groups the blocks by chapter, in the order of the book."""
    chapters: dict[str, list[Block]] = {}
    for block in blocks:
        chapters.setdefault(block.chapter, []).append(block)
    return chapters


def step_name(block: int, step: int, language: str) -> str:
    """The name of a step's file in the folder of its chapter."""
    return f"{block:03d}-{step:03d}.{language}"


def run_chapter(blocks: list[Block], job: Path, ebin: Path) -> None:
    """Runs one chapter in a fresh machine; the results are left in the folder."""
    for number, block in enumerate(blocks, 1):
        if block.language == "text":
            continue
        for position, step in enumerate(block.steps(), 1):
            name = step_name(number, position, block.language)
            (job / name).write_text(step.source, encoding="utf-8")
    elixir = shutil.which("elixir")
    assert elixir, "the caller has to make sure that elixir is installed"
    done = subprocess.run(
        [elixir, str(RUNNER), str(job), str(ebin)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{blocks[0].chapter}\n{done.stdout}\n{done.stderr}"


def normalise(text: str) -> str:
    """Replaces identifiers that differ on each run."""
    return VOLATILE.sub("<id>", text)


def mismatch(expected: list[str], actual: str) -> bool:
    """Whether the book prints something else than the machine.

    The lines of an error message need to agree up to where the book stops quoting them;
    everything else has to agree exactly.
    """
    got = [normalise(line) for line in actual.rstrip("\n").split("\n")]
    want = [normalise(line) for line in expected]
    if not any(line.startswith("** (") or line.startswith("** exc") for line in want):
        return got != want
    if len(got) < len(want):
        return True
    return not all(have.startswith(line) for have, line in zip(got, want, strict=False))


def chapter_report(blocks: list[Block], job: Path) -> tuple[list[str], int, int]:
    """The problems of a chapter that has run, and the numbers of steps and of compared answers."""
    problems: list[str] = []
    steps = compared = 0
    last_output = ""
    for number, block in enumerate(blocks, 1):
        where = f"line {block.line} ({block.chapter})"
        if block.language == "text":
            if block.reason is None and last_output != block.content:
                problems.append(f"{where}: printed\n{last_output}\nbut not\n{block.content}")
            compared += block.reason is None
            continue
        for position, step in enumerate(block.steps(), 1):
            path = job / step_name(number, position, block.language)
            last_output = Path(f"{path}.out").read_text(encoding="utf-8")
            steps += 1
            compared += bool(step.expected) or "use ExUnit.Case" in step.source
            problems += judge_step(block, step, path, last_output, where)
    return problems, steps, compared


def judge_step(block: Block, step: Step, path: Path, output: str, where: str) -> list[str]:
    """What is wrong with one step."""
    problems: list[str] = []
    better = Path(f"{path}.format")
    if better.exists():
        text = better.read_text(encoding="utf-8")
        problems.append(f"{where}: mix format would write\n{text}")
    if "use ExUnit.Case" in step.source:
        if not re.search(r"TESTS [1-9]\d* FAILURES 0$", output):
            problems.append(f"{where}: tests failed\n{output}")
    elif step.expected and mismatch(step.expected, output):
        wanted = "\n".join(step.expected)
        problems.append(f"{where}: {step.source}\n  book:\n{wanted}\n  machine:\n{output}")
    elif not step.expected and block.language in ("iex", "erl") and output.startswith("** "):
        problems.append(f"{where}: {step.source}\n  failed: {output}")
    return problems

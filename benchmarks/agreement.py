"""Do our figures equal those of others on the same inputs?

    python benchmarks/agreement.py [--model tiny-random] [--texts 12] [--python PYTHON_WITH_LM_EVAL]

Bits per byte against lm-evaluation-harness (its own command line, `loglikelihood_rolling`), text by
text, one of them longer than the model reads where that is feasible; chrF, chrF++ and BLEU against
sacrebleu's command line; pass@k against counting all choices of k. Without lm-eval the first part
is left out, and said to be. Exit code 1: bits per byte differ by over 0.1 %, or the others at all.

The harness puts a start token before a text and lets the tokenizer add another unless it is told
`add_bos_token=False`; the second one is then scored as if it were text. We score none. The figure
is with that option, and what its default gives is printed beside it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from booktune_assets.evaluation.general import general_code, general_prose
from booktune_assets.evaluation.harness import OFFLINE, version
from booktune_assets.evaluation.likeness import likeness
from booktune_assets.evaluation.passk import estimate

MOST = 0.001  # relative difference of bits per byte
SHORT = 384  # tokens that the tiny model reads, so that long texts roll
TASK = """task: agreement
dataset_path: json
dataset_kwargs: {data_files: {test: texts.jsonl}}
test_split: test
output_type: loglikelihood_rolling
doc_to_text: ""
doc_to_target: "{{text}}"
metric_list: [{metric: bits_per_byte}]
"""


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="tiny-random")
    parser.add_argument("--models", type=Path, help="folder of converted models")
    parser.add_argument("--texts", type=int, default=12, help="of prose and of code each")
    parser.add_argument(
        "--python", default=os.environ.get("BOOKTUNE_LM_EVAL_PYTHON", sys.executable)
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        fine = [_bits(given, Path(folder)), _likeness(Path(folder)), _choices()]
    return 0 if all(fine) else 1


def _bits(given: argparse.Namespace, work: Path) -> bool:
    found = version(given.python)
    if not found:
        print("bits per byte: left out, lm-eval is not there (--python, BOOKTUNE_LM_EVAL_PYTHON)")
        return True
    from booktune_assets.llm.engine import open_engine

    path = _model(given, work)
    texts = [
        one.text for one in (*general_prose(given.texts, 1200), *general_code(given.texts, 1200))
    ]
    if given.model == "tiny-random":
        texts.append("\n\n".join(texts))  # read in windows
    ours = [one.nats / math.log(2) / one.bytes for one in open_engine(path).score(texts)]
    plain = _harness(given.python, path, texts, work, "add_bos_token=False")
    default = _harness(given.python, path, texts, work, "")
    apart = [abs(mine / theirs - 1) for mine, theirs in zip(ours, plain, strict=True)]
    more = [theirs / mine - 1 for mine, theirs in zip(ours, default, strict=True)]
    print(
        f"bits per byte, {given.model}, {len(texts)} texts, beside lm-eval {found}: mean "
        f"{sum(ours) / len(ours):.4f}; largest difference {100 * max(apart):.5f} %; with its "
        f"second start token scored {100 * sum(more) / len(more):+.2f} % on average"
    )
    return max(apart) <= MOST


def _model(given: argparse.Namespace, work: Path) -> Path:
    if given.model == "tiny-random":
        from booktune_assets.llm.tiny import make_tiny_model

        return make_tiny_model(work / "tiny", positions=SHORT)
    from booktune_assets.llm.models import prepare

    return prepare(given.model, given.models or work / "models").path


def _harness(python: str, model: Path, texts: Sequence[str], work: Path, more: str) -> list[float]:
    """What `lm-eval run` wrote for each text, in bits per byte."""
    (work / "texts.jsonl").write_text("\n".join(json.dumps({"text": one}) for one in texts))
    (work / "agreement.yaml").write_text(TASK)
    out = work / f"out-{len(more)}"
    arguments = ",".join(filter(None, [f"pretrained={model}", "dtype=float32", more]))
    subprocess.run(
        [python, "-P", "-m", "lm_eval", "--model", "hf", "--model_args", arguments, "--device",
         "cpu", "--tasks", str(work / "agreement.yaml"), "--log_samples", "--output_path",
         str(out)],
        check=True, cwd=work, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**{k: v for k, v in os.environ.items() if k != "PYTHONPATH"}, **OFFLINE},
    )  # fmt: skip
    (file,) = out.rglob("samples_*.jsonl")
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    by_id = {row["doc_id"]: row["bits_per_byte"] for row in rows}
    return [-nats / math.log(2) / size for nats, size in (by_id[n] for n in range(len(texts)))]


def _likeness(work: Path) -> bool:
    """Each text against the next, as if it were an answer, by `python -m sacrebleu`."""
    texts = [" ".join(one.text.split()) for one in general_prose(6, 400)]
    # sacrebleu's command line scores single lines with `-sl`, and prints what it computed
    flags = {"chrf": ["-m", "chrf"], "chrf++": ["-m", "chrf", "--chrf-word-order", "2"]}
    flags["bleu"] = ["-m", "bleu", "-sl"]
    most = 0.0
    for answer, reference in itertools.pairwise([*texts, texts[0][:200] + texts[1][:100]]):
        ours = likeness(answer, reference)
        (work / "answer").write_text(answer + "\n")
        (work / "reference").write_text(reference + "\n")
        for name, flag in flags.items():
            said = subprocess.run(
                [sys.executable, "-m", "sacrebleu", str(work / "reference"), "-i",
                 str(work / "answer"), *flag, "-b", "-w", "6"],
                check=True, capture_output=True, text=True,
            ).stdout  # fmt: skip
            most = max(most, abs(float(said) - ours[name]))
    print(
        f"chrF, chrF++, BLEU beside sacrebleu's command line: largest difference {most:.1e} points"
    )
    return most < 1e-5


def _choices() -> bool:
    """pass@k of every n to 10, c and k, by looking at all choices of k samples."""
    most = 0.0
    for n in range(1, 11):
        for c, k in itertools.product(range(n + 1), range(1, n + 1)):
            picks = list(itertools.combinations([True] * c + [False] * (n - c), k))
            most = max(most, abs(estimate(n, c, k) - sum(any(one) for one in picks) / len(picks)))
    print(f"pass@k beside enumeration, n to 10: largest difference {most:.1e}")
    return most < 1e-12


if __name__ == "__main__":
    raise SystemExit(main())

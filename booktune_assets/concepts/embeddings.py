"""Vectors of texts from the word table of a packaged model: nothing is downloaded, no torch.

Belongs here: weighted means of a model's input embeddings (Arora et al. 2017, "A simple but
tough-to-beat baseline for sentence embeddings"). Does not: training on top (``encoder.py``), search
(``retrieval.py``).

The table is read in place: a row is touched only when a text has its token.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Matrix = npt.NDArray[np.float32]

__all__ = ["Embedder"]

TABLE = "model.embed_tokens.weight"
SMOOTH = 1e-3  # the paper's a: how fast frequent tokens lose weight
DIRECTIONS = 2  # common directions that are taken away


class Embedder:
    """Mean-pooled vectors of unit length, fitted to a collection of texts."""

    def __init__(self, folder: Path) -> None:
        """``folder``: a prepared model (``llm.models.prepare``) with ``tokenizer.json``."""
        from tokenizers import Tokenizer

        self._tokens = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._table = _table(folder / "model.safetensors")
        self.dim = int(self._table.shape[1])
        self._share: dict[int, float] = {}
        self._common: Matrix | None = None

    def fit(self, texts: Sequence[str]) -> Matrix:
        """Learn how frequent tokens are, and what all texts have in common; their vectors."""
        import numpy as np

        ids = self._ids(texts)
        flat = np.concatenate([np.asarray(one, dtype=np.int64) for one in ids] or [np.zeros(0, int)])
        names, counts = np.unique(flat, return_counts=True)
        total = max(1, int(counts.sum()))
        self._share = {int(n): float(c) / total for n, c in zip(names, counts, strict=True)}
        raw = self._pooled(ids)
        if len(raw) > DIRECTIONS:
            # of the second moments, not of the centred ones: the mean is what is common most of all
            _, vectors = np.linalg.eigh(raw.T @ raw)
            self._common = np.ascontiguousarray(vectors[:, -DIRECTIONS:].T, dtype=np.float32)
        return self._unit(raw)

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """(texts, dim), float32, rows of length 1; zeros for a text without tokens."""
        return self._unit(self._pooled(self._ids(texts)))

    def _ids(self, texts: Sequence[str]) -> list[list[int]]:
        encoded = self._tokens.encode_batch_fast(list(texts), add_special_tokens=False)
        return [one.ids for one in encoded]

    def _pooled(self, ids: Sequence[Sequence[int]]) -> Matrix:
        import numpy as np

        made = np.zeros((len(ids), self.dim), dtype=np.float32)
        rare = 1e-6
        for row, own in enumerate(ids):
            if not own:
                continue
            names, counts = np.unique(np.asarray(own), return_counts=True)
            weights = np.array([SMOOTH / (SMOOTH + self._share.get(int(n), rare)) for n in names])
            weights *= counts / counts.sum()
            made[row] = weights.astype(np.float32) @ np.asarray(self._table[names])
        return made

    def _unit(self, raw: Matrix) -> Matrix:
        import numpy as np

        if self._common is not None:
            raw = raw - (raw @ self._common.T) @ self._common
        length = np.linalg.norm(raw, axis=1, keepdims=True)
        return (raw / np.where(length == 0, 1, length)).astype(np.float32)


def _table(file: Path) -> Any:
    """The embedding table of a safetensors file, mapped into memory."""
    import numpy as np

    with file.open("rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        header = json.loads(stream.read(size))
    facts = header[TABLE]
    kinds = {"F32": np.float32, "F16": np.float16}
    start = 8 + size + facts["data_offsets"][0]
    shape = tuple(facts["shape"])
    return np.memmap(file, dtype=kinds[facts["dtype"]], mode="r", offset=start, shape=shape)

"""Vectors of texts from a packaged table of words: nothing is downloaded, no torch.

Belongs here: weighted means of the table's rows (Arora et al. 2017, "A simple but tough-to-beat
baseline for sentence embeddings"). Does not: training on top (``encoder.py``), search
(``retrieval.py``).

The table is that of the package ``wordllama`` (MIT, 32,000 × 256, made to be averaged). Its two
files are read here: the package's own loading looks for configurations and networks that a mean
does not need, and its plain mean finds less than the weighted one (``docs/why/encoder.md``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from booktune_assets.errors import Code, MissingPrerequisite

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Matrix = npt.NDArray[np.float32]

__all__ = ["PACKAGE", "Embedder", "packaged"]

PACKAGE = "wordllama"
TABLE, WORDS = "weights/l2_supercat_256.safetensors", "tokenizers/l2_supercat_tokenizer_config.json"
SMOOTH = 1e-3  # the paper's a: how fast frequent tokens lose weight
BYTES = 258  # special tokens and single bytes come first in the table
EULER = 0.577  # the harmonic sum of n is log n and this
RARE = 1e-6  # share of a token that the collection does not have


def packaged() -> str:
    """Name and version of the table that is installed; empty without one."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None or not (Path(spec.origin).parent / TABLE).is_file():
        return ""
    try:
        return f"{PACKAGE} {version(PACKAGE)}"
    except PackageNotFoundError:
        return PACKAGE


class Embedder:
    """Mean-pooled vectors of unit length, fitted to a collection of texts.

    Raises ``MissingPrerequisite(MISSING_EXTRA)`` when the table is not installed.
    """

    def __init__(self) -> None:
        from tokenizers import Tokenizer

        spec = find_spec(PACKAGE)
        if not packaged() or spec is None or spec.origin is None:
            raise MissingPrerequisite(
                Code.MISSING_EXTRA, "pip install 'booktune[vectors]'", package=PACKAGE
            )
        folder = Path(spec.origin).parent
        self.name = packaged()
        self._tokens = Tokenizer.from_file(str(folder / WORDS))
        self._tokens.no_padding()
        self._tokens.no_truncation()
        self._table = _table(folder / TABLE)
        self.dim = int(self._table.shape[1])
        self._share: dict[int, float] = {}

    def fit(self, texts: Sequence[str]) -> Matrix:
        """Learn how frequent tokens are in these texts; their vectors."""
        import numpy as np

        ids = self._ids(texts)
        flat = np.concatenate(
            [np.asarray(one, dtype=np.int64) for one in ids] or [np.zeros(0, np.int64)]
        )
        names, counts = np.unique(flat, return_counts=True)
        total = max(1, int(counts.sum()))
        self._share = {int(n): float(c) / total for n, c in zip(names, counts, strict=True)}
        return self._pooled(ids)

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """(texts, dim), float32, rows of length 1; zeros for a text without tokens."""
        return self._pooled(self._ids(texts))

    def by_rank(self) -> None:
        """Take tokens as frequent as their place in the table says, whatever is embedded.

        The vocabulary has them in the order in which it learned them, most frequent first, and
        frequencies fall as one over the rank (Zipf). Vectors are then the same on every shelf: a
        new book moves nothing.
        """
        rows = int(self._table.shape[0])
        whole = math.log(rows) + EULER
        self._share = {row: 1 / (max(1, row - BYTES) * whole) for row in range(rows)}

    @property
    def fitted(self) -> dict[str, float]:
        """What ``fit`` learned, for JSON."""
        return {str(name): share for name, share in sorted(self._share.items())}

    def refit(self, fitted: Mapping[str, float]) -> None:
        """Take what another one learned."""
        self._share = {int(name): float(share) for name, share in fitted.items()}

    def _ids(self, texts: Sequence[str]) -> list[list[int]]:
        encoded = self._tokens.encode_batch_fast(list(texts), add_special_tokens=False)
        return [one.ids for one in encoded]

    def _pooled(self, ids: Sequence[Sequence[int]]) -> Matrix:
        import numpy as np

        made = np.zeros((len(ids), self.dim), dtype=np.float32)
        for row, own in enumerate(ids):
            if not own:
                continue
            names, counts = np.unique(np.asarray(own), return_counts=True)
            weights = np.array([SMOOTH / (SMOOTH + self._share.get(int(n), RARE)) for n in names])
            weights *= counts
            made[row] = weights.astype(np.float32) @ self._table[names].astype(np.float32)
        length = np.linalg.norm(made, axis=1, keepdims=True)
        return (made / np.where(length == 0, 1, length)).astype(np.float32)


def _table(file: Path) -> Any:
    """The only tensor of a safetensors file, in place: a row is touched when a text has it."""
    import numpy as np

    with file.open("rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        header = json.loads(stream.read(size))
    (facts,) = (fact for name, fact in header.items() if name != "__metadata__")
    kinds = {"F32": np.float32, "F16": np.float16}
    start = 8 + size + facts["data_offsets"][0]
    shape = tuple(facts["shape"])
    return np.memmap(file, dtype=kinds[facts["dtype"]], mode="r", offset=start, shape=shape)

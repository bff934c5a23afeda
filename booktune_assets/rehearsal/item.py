"""One text that may be rehearsed, real or written by a model, and its row.

Belongs here: what is known of a text on its way into the set. Does not: where texts come from
(``sources.py``, ``writing.py``), why one is left out (``filters.py``, ``code.py``, ``select.py``).
"""

from __future__ import annotations

from dataclasses import dataclass

from booktune_assets.ids import make_id
from booktune_assets.llm.chat import ANSWER, ASK, GAP

__all__ = ["Item", "Turns", "plain_prompt"]

Turns = tuple[tuple[str, str], ...]  # (role, content)


@dataclass(slots=True)
class Item:
    """A text with its origin. Without ``turns`` it is plain text, learned from its first word.

    ``reason`` is empty as long as nothing speaks against it. ``difficulty`` is in the unit that
    ``difficulty_by`` names.
    """

    origin: str
    source: str
    licence: str
    text: str
    turns: Turns = ()
    model: str = ""
    revision: str = ""
    adapter: str = ""
    seed: int | None = None
    call_keys: tuple[str, ...] = ()
    demo_ids: tuple[str, ...] = ()
    cluster: int | None = None
    difficulty: float | None = None
    difficulty_by: str = ""
    tokens: int = 0  # of the answer, as the model counts them
    third: str = ""
    verification: str = "not_checked"
    reason: str = ""
    detail: str = ""

    @property
    def prompt(self) -> str:
        """What the last answer answers, in the plain chat format; empty for plain text."""
        return plain_prompt(self.turns[:-1])

    @property
    def question(self) -> str:
        """The last question; of plain text the text itself."""
        asked = [content for role, content in self.turns if role == "user"]
        return asked[-1] if asked else self.text

    @property
    def row_id(self) -> str:
        """``reh_<20 hex>``: the same text of the same source is the same row. A call without an
        answer goes by its key."""
        said = self.text or " ".join(self.call_keys)
        return make_id("reh", self.origin, self.source, self.prompt, said)

    def reject(self, reason: str, detail: str = "") -> None:
        """Leave it out. The first reason stays."""
        if not self.reason:
            self.reason, self.detail = reason, detail

    def row(self) -> dict[str, object]:
        """As a row of ``rehearsal_set`` or of ``rehearsal_set__rejected``."""
        turns = [{"role": role, "content": content} for role, content in self.turns]
        return {
            "row_id": self.row_id, "origin": self.origin, "source": self.source,
            "licence": self.licence, "prompt": self.prompt, "text": self.text,
            "turns": turns or None, "model": self.model, "revision": self.revision,
            "adapter": self.adapter, "seed": self.seed, "call_keys": list(self.call_keys),
            "demo_ids": list(self.demo_ids), "cluster_id": self.cluster,
            "difficulty": self.difficulty, "difficulty_by": self.difficulty_by,
            "third": self.third, "verification": self.verification,
            "reason": self.reason, "detail": self.detail,
        }  # fmt: skip


def plain_prompt(turns: Turns) -> str:
    """Turns up to where the assistant begins, in the format that base models are asked in."""
    said = ""
    for role, content in turns:
        if role == "user":
            said += f"{ASK}{content}{ANSWER}"
        else:
            said += f"{content}{GAP}"
    return said

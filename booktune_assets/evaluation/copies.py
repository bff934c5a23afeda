"""How much of a text stands word for word in the books.

Belongs here: an index over words of all books, longest common runs. Does not: what a licence
allows, which answers are looked at (``suites/copied.py``).

A run counts whole words with white space collapsed. It is found through every window of ``WINDOW``
words and then followed as far as both agree, so runs shorter than a window are not found: they are
turns of speech, not copies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

__all__ = ["WINDOW", "Shelf"]

WINDOW = 5


class Shelf:
    """Words of all books. Memory: about 100 bytes for each word of the shelf."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._words: list[list[str]] = []
        self._names: list[str] = []
        self._places: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for number, (name, text) in enumerate(sorted(texts.items())):
            words = text.split()
            self._names.append(name)
            self._words.append(words)
            for start in range(len(words) - WINDOW + 1):
                self._places[hash(tuple(words[start : start + WINDOW]))].append((number, start))

    def longest(self, text: str) -> tuple[int, str, str]:
        """(characters, the run, the name of the text that has it); 0 when none is long enough."""
        words = text.split()
        best, found, where = 0, "", ""
        start = 0
        while start + WINDOW <= len(words):
            reach = 0
            for number, place in self._places.get(hash(tuple(words[start : start + WINDOW])), ()):
                length = self._along(words, start, number, place)
                run = " ".join(words[start : start + length])
                reach = max(reach, length)
                if len(run) > best:
                    best, found, where = len(run), run, self._names[number]
            # inside of a run that was followed to its end only later starts could be longer
            start += max(1, reach - WINDOW + 1)
        return best, found, where

    def _along(self, words: list[str], start: int, number: int, place: int) -> int:
        own = self._words[number]
        length = 0
        while (
            start + length < len(words)
            and place + length < len(own)
            and words[start + length] == own[place + length]
        ):
            length += 1
        return length

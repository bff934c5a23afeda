"""The partitions: one key per book.

Belongs here: the definition and how many of its keys share a run. Does not: where keys come from
(``books/shelf.py``) or who registers them (``automation.py``, ``execute.py``).
"""

import dagster as dg

__all__ = ["BOOKS", "BOOKS_NAME", "BOOKS_PER_RUN"]

BOOKS_NAME = "books"
BOOKS = dg.DynamicPartitionsDefinition(name=BOOKS_NAME)
BOOKS_PER_RUN = 25  # a run costs about four CPU seconds to boot; 25 books make that small

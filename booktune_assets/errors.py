"""The errors of booktune: a code, what happened, and what to do about it.

Belongs here: the code table and the three exception classes. Does not: retry policy and Dagster
failures (``assets/``), exit codes (``cli``).

    BooktuneError                 base; has ``code``, ``remedy`` and ``where``
    ├── BookError                 the input's fault: never retried, becomes a row
    ├── MissingPrerequisite       something to install or set up; never retried
    └── ServiceDown               a service's fault (model server, disk full): may be retried
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["BookError", "BooktuneError", "Code", "MissingPrerequisite", "ServiceDown"]


class Code(StrEnum):
    """Stable error codes. Tests and dashboards use the name, people read :attr:`says`."""

    # reading books
    EMPTY_FILE = "EMPTY_FILE"
    FILE_MISSING = "FILE_MISSING"
    NOT_A_FILE = "NOT_A_FILE"
    UNKNOWN_FORMAT = "UNKNOWN_FORMAT"
    FORMAT_MISMATCH = "FORMAT_MISMATCH"
    DAMAGED_FILE = "DAMAGED_FILE"
    NEEDS_PASSWORD = "NEEDS_PASSWORD"
    DRM_PROTECTED = "DRM_PROTECTED"
    NO_TEXT_LAYER = "NO_TEXT_LAYER"
    TOO_LARGE = "TOO_LARGE"
    TOO_SLOW = "TOO_SLOW"
    UNSAFE_ARCHIVE = "UNSAFE_ARCHIVE"
    NO_CONTENT = "NO_CONTENT"
    PAGE_UNREADABLE = "PAGE_UNREADABLE"
    TURNED_TEXT = "TURNED_TEXT"
    DUPLICATE_BOOK = "DUPLICATE_BOOK"
    READER_CRASHED = "READER_CRASHED"
    # lake and contracts
    CONTRACT_BROKEN = "CONTRACT_BROKEN"
    NOT_BUILT = "NOT_BUILT"
    UPSTREAM_FAILED = "UPSTREAM_FAILED"
    STALE_INPUT = "STALE_INPUT"
    DISK = "DISK"
    BUSY = "BUSY"
    LAKE_DAMAGED = "LAKE_DAMAGED"
    # settings and use
    BAD_SETTING = "BAD_SETTING"
    UNKNOWN_BOOK = "UNKNOWN_BOOK"
    UNKNOWN_PAGE = "UNKNOWN_PAGE"
    UNKNOWN_SECTION = "UNKNOWN_SECTION"
    UNKNOWN_ASSET = "UNKNOWN_ASSET"
    UNKNOWN_EXAMPLE = "UNKNOWN_EXAMPLE"
    MISSING_EXTRA = "MISSING_EXTRA"
    MISSING_PROGRAM = "MISSING_PROGRAM"
    INSTANCE_SPOILT = "INSTANCE_SPOILT"
    # building data
    NO_EXAMPLES = "NO_EXAMPLES"
    HELDOUT_KNOWN = "HELDOUT_KNOWN"
    BAD_ROW = "BAD_ROW"
    BROKEN_SET = "BROKEN_SET"
    LICENCE_HELD = "LICENCE_HELD"
    TOO_LONG = "TOO_LONG"
    # models
    MODEL_MISSING = "MODEL_MISSING"
    MODEL_SERVICE = "MODEL_SERVICE"
    OUT_OF_MEMORY = "OUT_OF_MEMORY"
    WILL_NOT_FIT = "WILL_NOT_FIT"
    NO_CHAT_TEMPLATE = "NO_CHAT_TEMPLATE"
    NAN_LOSS = "NAN_LOSS"
    OTHER_CONFIG = "OTHER_CONFIG"
    MERGE_DIFFERS = "MERGE_DIFFERS"
    CHILD_FAILED = "CHILD_FAILED"
    # running code
    NO_SANDBOX = "NO_SANDBOX"
    NO_CODE = "NO_CODE"
    BAD_SOURCE = "BAD_SOURCE"
    HARNESS_ERROR = "HARNESS_ERROR"
    # anything else: a defect of ours
    INTERNAL = "INTERNAL"

    @property
    def says(self) -> str:
        """One plain clause: what happened."""
        return _SAYS[self]


_SAYS: dict[Code, str] = {
    Code.TURNED_TEXT: "text that runs in another direction than the rest was left out",
    Code.EMPTY_FILE: "the file has no bytes",
    Code.FILE_MISSING: "the file is not there",
    Code.NOT_A_FILE: "it is a folder, a device or a pipe where a file is wanted",
    Code.UNKNOWN_FORMAT: "the file is neither PDF, EPUB, AsciiDoc, Markdown nor Livebook",
    Code.FORMAT_MISMATCH: "the content is of another format than the name says",
    Code.DAMAGED_FILE: "the file is damaged and cannot be read whole",
    Code.NEEDS_PASSWORD: "the file opens only with a password",
    Code.DRM_PROTECTED: "the text is encrypted by a rights-management scheme",
    Code.NO_TEXT_LAYER: "the pages are images without a text layer",
    Code.TOO_LARGE: "the content unpacks beyond the size limit",
    Code.TOO_SLOW: "reading went past the time limit",
    Code.UNSAFE_ARCHIVE: "the archive holds entries that point outside of it",
    Code.NO_CONTENT: "no readable text was found",
    Code.PAGE_UNREADABLE: "a page could not be read",
    Code.DUPLICATE_BOOK: "the same content is on the shelf already",
    Code.READER_CRASHED: "the reader stopped without an answer",
    Code.CONTRACT_BROKEN: "a table does not keep its contract",
    Code.NOT_BUILT: "an asset that this one needs has not been built",
    Code.UPSTREAM_FAILED: "an earlier stage of this book failed",
    Code.STALE_INPUT: "an input changed while it was being used",
    Code.DISK: "the disk refused a write",
    Code.BUSY: "another run works on this at the moment",
    Code.LAKE_DAMAGED: "a table of the lake cannot be read",
    Code.BAD_SETTING: "a setting has a value that cannot be used",
    Code.UNKNOWN_BOOK: "no book has this key",
    Code.UNKNOWN_PAGE: "the book has no page of this number",
    Code.UNKNOWN_SECTION: "no one section of the book is meant by this",
    Code.UNKNOWN_ASSET: "no asset has this name",
    Code.UNKNOWN_EXAMPLE: "no example has this id",
    Code.MISSING_EXTRA: "an optional Python package is not installed",
    Code.MISSING_PROGRAM: "a system program is not installed",
    Code.INSTANCE_SPOILT: "a database of Dagster holds two versions of itself",
    Code.NO_EXAMPLES: "there is no example to work with",
    Code.HELDOUT_KNOWN: "what is held out stands in what is trained on",
    Code.BAD_ROW: "a row breaks the rules of its format",
    Code.BROKEN_SET: "the files of a set are not what its manifest says",
    Code.LICENCE_HELD: "the book may not be trained on",
    Code.TOO_LONG: "a text is longer than the limit",
    Code.MODEL_MISSING: "the model is not on this machine",
    Code.MODEL_SERVICE: "the model service does not answer",
    Code.OUT_OF_MEMORY: "memory ran out",
    Code.NO_CHAT_TEMPLATE: "the model does not say how a conversation is written",
    Code.WILL_NOT_FIT: "the run would need more memory than there is",
    Code.NAN_LOSS: "the training loss is not a number",
    Code.OTHER_CONFIG: "the checkpoint is of another configuration",
    Code.MERGE_DIFFERS: "the merged model says something else than base and adapter",
    Code.CHILD_FAILED: "the child process ended without a result",
    Code.NO_SANDBOX: "no sandbox is available, and code is never run without one",
    Code.NO_CODE: "the program is empty",
    Code.BAD_SOURCE: "the files of a program cannot be written as they are named or spelt",
    Code.HARNESS_ERROR: "the test harness itself failed",
    Code.INTERNAL: "booktune met a state that it has no rule for",
}


class BooktuneError(Exception):
    """Base of all errors that people are meant to read.

    ``where`` holds small facts (book, page, path) that help to find the place; they are printed in
    the order given.
    """

    def __init__(self, code: Code, remedy: str, **where: object) -> None:
        self.code = code
        self.remedy = remedy
        self.where = where
        facts = ", ".join(f"{name}={_short(value)}" for name, value in where.items())
        place = f" [{facts}]" if facts else ""
        super().__init__(f"{code.value}: {code.says}{place}. {remedy}")

    def as_row(self) -> dict[str, str]:
        """The error as flat text columns: code, message, remedy."""
        return {"code": self.code.value, "message": str(self), "remedy": self.remedy}


class BookError(BooktuneError):
    """The input cannot be used as it is. The same input fails again: never retried."""


class MissingPrerequisite(BooktuneError):
    """Something has to be installed, downloaded or set up first."""


class ServiceDown(BooktuneError):
    """A service or device failed for now; trying again later may work."""


def _short(value: object) -> str:
    """Printable on one line and bounded: file names may hold newlines or be 255 bytes long."""
    text = str(value)
    if any(not char.isprintable() for char in text):
        text = text.encode("unicode_escape").decode("ascii")
    return text if len(text) <= 160 else f"{text[:100]}…{text[-40:]}"

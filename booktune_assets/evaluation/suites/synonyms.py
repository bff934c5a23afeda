"""Words that stand for others in a renamed problem.

Belongs here: the lists. Does not: where a word may be replaced (``surface.py``).
"""

from __future__ import annotations

__all__ = ["ATOMS", "FUNCTIONS", "PROSE", "VARIABLES"]

FUNCTIONS = {
    "append": "extend", "bump": "raise_by_one", "close": "shut", "count": "how_many",
    "decode": "unpack", "depth": "levels", "drain": "take_all", "encode": "pack",
    "flatten": "unnest",
    "forget": "drop_one", "get": "fetch", "greet": "welcome", "hit": "register",
    "insert": "place",
    "join": "enter", "lines": "rows", "lock": "bar", "map": "transform", "match": "find_route",
    "merge": "combine", "open": "unclose", "order": "sequence", "parse": "read", "pop": "take_off",
    "publish": "announce", "push": "put_on", "put": "store", "redo": "go_forward",
    "replay": "apply_all", "reset": "clear", "run": "perform", "size": "how_large",
    "sum_even": "add_even",
    "subscribe": "follow", "sums": "totals_of", "text": "content", "top": "best", "total": "cost",
    "undo": "go_back", "unlock": "unbar", "unsubscribe": "unfollow", "value": "reading",
}  # fmt: skip
ATOMS = {
    "added": "gained", "bad_count": "wrong_count", "busy": "occupied", "changed": "altered",
    "closed": "shut", "crashed": "fell_over", "done": "finished", "empty": "vacant",
    "failed": "broken", "full": "crowded", "go": "proceed", "here": "present", "locked": "barred",
    "miss": "absent", "missing": "lacking", "no_box": "unknown_box", "no_name": "nameless",
    "no_number": "numberless", "no_reading": "unreadable", "open": "ajar", "passed": "through",
    "rectangle": "oblong", "refused": "denied", "removed": "lost", "square": "even_sided",
    "triangle": "three_sided", "unbalanced": "lopsided", "underflow": "too_few",
    "unknown": "unfamiliar", "unknown_item": "no_such_item", "unknown_shape": "no_shape",
    "unlocked": "freed", "unset": "take_out", "wrong_code": "bad_code",
}  # fmt: skip
VARIABLES = {
    "elixir": {
        "base": "ground", "changes": "updates", "count": "amount", "default": "fallback",
        "element": "member", "enumerable": "collection", "events": "steps", "fun": "callback",
        "key": "field", "limit": "cap", "list": "items", "message": "note", "n": "k",
        "name": "label", "numbers": "figures", "path": "route", "pid": "server",
        "position": "place", "prices": "rates", "size": "length", "text": "string",
        "tree": "node", "value": "content", "width": "columns", "worker": "person",
        "workers": "people",
    },
    "erlang": {
        "Count": "Amount", "Fun": "Callback", "Key": "Field", "List": "Items", "Map": "Table",
        "Max": "Cap", "N": "K", "Name": "Label", "Pid": "Server", "Position": "Index",
        "Rows": "Records", "Term": "Item", "Text": "Chars", "Value": "Content",
    },
}  # fmt: skip
# (pattern, words) for prose between code marks: the same said otherwise, sentence by sentence
PROSE = (
    (r"\bWrite an (Elixir|Erlang) module(?= $|$)", r"Implement an \1 module called"),
    (r"\bIt returns\b", "What comes back is"),
    (r"\breturns\b", "gives back"),
    (r"\bThe result is\b", "What comes back is"),
    (r"\bthe result is\b", "what comes back is"),
    (r"\bgreatest\b", "largest"),
    (r"\bbegins with\b", "starts with"),
    (r"\boccurs\b", "appears"),
    (r"\bOtherwise\b", "In all other cases"),
    (r"\bin ascending order\b", "from the smallest to the largest"),
    (r"\bSeveral may run\b", "More than one may run"),
    (r"\bfor every element\b", "for each element"),
    (r"\bat the same time\b", "at once"),
)

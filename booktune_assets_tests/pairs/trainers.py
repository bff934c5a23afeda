"""What each trainer does with a row, re-stated from its source: lists of what it would refuse.

LLaMA-Factory (``data/parser.py``, ``converter.py``), axolotl (``prompt_strategies``), TRL
(``data_utils.py``), unsloth (``dataset_utils.py``), the chat template of Mistral's models.
"""

from collections.abc import Callable
from typing import Any

Rows = list[dict[str, Any]]
TRL_KEYS = {"messages", "prompt", "completion", "chosen", "rejected", "label"}
TRL_SETS = (
    {"messages"}, {"prompt"}, {"prompt", "completion"}, {"prompt", "chosen", "rejected"},
    {"chosen", "rejected"}, {"prompt", "completion", "label"},
)  # fmt: skip
UNSLOTH_ROLES = {"system", "user", "human", "input", "gpt", "assistant", "output"}
AXOLOTL_ROLES = {"human": "user", "gpt": "assistant", "user": "user", "assistant": "assistant",
                 "system": "system"}  # fmt: skip


def llama_factory_entry(entry: dict[str, Any], rows: Rows) -> list[str]:
    """The converter with the entry's own maps: what the entry leaves out is None."""
    columns, tags = entry["columns"], entry.get("tags", {})
    if entry["formatting"] == "alpaca":
        bad: list[str] = []
        for row in rows:
            prompt, query = columns.get("prompt"), columns.get("query")
            answer = row.get(columns.get("response"))
            if not (prompt and row[prompt]) or (query and not isinstance(row[query], str)):
                bad.append("no prompt")
            if not isinstance(answer, str) or not answer:
                bad.append("dropped: the response is no text")
        return bad
    odd = (tags.get("user_tag"), tags.get("observation_tag"))
    even = (tags.get("assistant_tag"), tags.get("function_tag"))
    bad = []
    for row in rows:
        said = row[columns["messages"]]
        if said and tags.get("system_tag") and said[0][tags["role_tag"]] == tags["system_tag"]:
            said = said[1:]
        roles = [turn[tags["role_tag"]] for turn in said]
        wanted = [odd, even]
        right = all(role in wanted[place % 2] for place, role in enumerate(roles))
        if not said or not right or len(said) % 2:
            bad.append(f"skipped as abnormal: {roles}")
        if any(not isinstance(turn.get(tags.get("content_tag")), str) for turn in said):
            bad.append("no content")
    return bad


def llama_factory_sharegpt(rows: Rows) -> list[str]:
    tags = {"role_tag": "from", "content_tag": "value", "user_tag": "human",
            "assistant_tag": "gpt", "system_tag": "system"}  # fmt: skip
    columns = {"messages": "conversations"}
    return llama_factory_entry({"formatting": "sharegpt", "columns": columns, "tags": tags}, rows)


def llama_factory_alpaca(rows: Rows) -> list[str]:
    columns = {"prompt": "instruction", "query": "input", "response": "output"}
    if any("input" not in row for row in rows):
        return ["the mapped column input is missing"]
    return llama_factory_entry({"formatting": "alpaca", "columns": columns}, rows)


def axolotl_sharegpt(rows: Rows) -> list[str]:
    return _axolotl(rows, "conversations", "from", "value")


def axolotl_messages(rows: Rows) -> list[str]:
    return _axolotl(rows, "messages", "role", "content")


def axolotl_alpaca(rows: Rows) -> list[str]:
    return ["empty text"] * sum(not (row["instruction"] and row["output"]) for row in rows)


def _axolotl(rows: Rows, field: str, role: str, content: str) -> list[str]:
    bad: list[str] = []
    for row in rows:
        said = row.get(field)
        if not said:
            bad.append("messages are null or empty")
            continue
        if "system" in row and said[0][role] != "system":
            bad.append("an empty system turn is put in")
        roles = [AXOLOTL_ROLES.get(turn[role], turn[role]) for turn in said]
        bad += _alternates(roles)
        bad += ["content is no text" for turn in said if not isinstance(turn[content], str)]
    return bad


def trl(rows: Rows) -> list[str]:
    """The key set, the first element, the roles that a template knows."""
    bad: list[str] = []
    for row in rows:
        keys = TRL_KEYS & set(row)
        if keys not in TRL_SETS:
            bad.append(f"invalid keys: {sorted(keys)}")
            continue
        for key in keys - {"label"}:
            said = row[key]
            if not isinstance(said, list) or not said or set(said[0]) != {"role", "content"}:
                bad.append(f"{key} is not conversational")
            elif {turn["role"] for turn in said} - {"system", "user", "assistant"}:
                bad.append("a role that no template knows")
    return bad


def trl_preference(rows: Rows) -> list[str]:
    """The DPO format, standard: three texts, and an answer that is worse than the other."""
    return [
        "not prompt, chosen and rejected"
        for row in rows
        if TRL_KEYS & set(row) != {"prompt", "chosen", "rejected"}
        or not all(isinstance(row[name], str) and row[name] for name in TRL_KEYS & set(row))
        or row["chosen"] == row["rejected"]
    ]


def trl_completion(rows: Rows) -> list[str]:
    return [
        "the completion is not the assistant's alone"
        for row in rows
        if [turn["role"] for turn in row["completion"]] != ["assistant"]
        or row["prompt"][-1]["role"] != "user"
    ]


def unsloth(rows: Rows) -> list[str]:
    """Two keys, all text; the role key is guessed as the one with fewer values in ten rows."""
    bad: list[str] = []
    values: dict[str, set[str]] = {}
    for row in rows[:10]:
        for turn in row["conversations"]:
            if len(turn) != 2:
                bad.append("not two keys")
            for key, value in turn.items():
                if not isinstance(value, str):
                    bad.append("no text")
                values.setdefault(key, set()).add(str(value))
    if len(values) == 2:
        guessed = min(values, key=lambda key: len(values[key]))
        sizes = {len(found) for found in values.values()}
        if len(rows) > 1 and (guessed != "from" or len(sizes) == 1):
            bad.append("the role key is guessed wrong")
    roles = {turn.get("from") for row in rows for turn in row["conversations"]}
    return bad + [f"unknown role {role}" for role in sorted(map(str, roles - UNSLOTH_ROLES))]


def devstral(rows: Rows) -> list[str]:
    return [bad for row in rows for bad in _alternates([turn["role"] for turn in _said(row)])]


def _said(row: dict[str, Any]) -> list[dict[str, str]]:
    return row["messages"] if "messages" in row else [*row["prompt"], *row["completion"]]


def _alternates(roles: list[str]) -> list[str]:
    """One optional system message, then user and assistant in strict turn."""
    spoken = roles[1:] if roles[:1] == ["system"] else roles
    wanted = [("user", "assistant")[place % 2] for place in range(len(spoken))]
    return [] if spoken and spoken == wanted else [f"not in turn: {roles}"]


RULES: dict[str, tuple[Callable[[Rows], list[str]], ...]] = {
    "sharegpt": (llama_factory_sharegpt, axolotl_sharegpt, unsloth),
    "messages": (axolotl_messages, trl, devstral),
    "prompt_completion": (trl, trl_completion, devstral),
    "alpaca": (llama_factory_alpaca, axolotl_alpaca),
}

"""Which sources need the syntax tree's answer before they run.

Belongs here: a look for words without which the screen (``priv/booktune_screen.erl``) flags
nothing. Does not: what a flag means (``lanes.py``).
"""

from __future__ import annotations

import re

__all__ = ["worth_screening"]

# every name that the screen knows; and spellings in which a name need not stand as it is
_WORDS = re.compile(
    r"ExUnit|EEx|Kernel\.|Elixir\.|Booktune|booktune|\bCode\b|\bPort\b|\bNode\b|\bMix\b|\bIEx\b|\bSystem\b"
    r"|\bProcess\b|\bApplication\b|\bModule\b|defmodule\s*\(?\s*[^\sA-Z_(]|defmodule\s+\w*\.?(?:"
    r"Kernel|Enum|List|Map|String|Stream|Agent|Task|Regex|Macro|Protocol|Registry|Supervisor)\b"
    r"|\b(?:init|code|code_server|os|persistent_term|sys|dbg|rpc|erpc|net_kernel|net_adm"
    r"|application|application_controller|kernel|global|peer|slave|compile|epp|error_handler"
    r"|error_logger|seq_trace|trace|heart|shell|user|cprof|eprof|fprof|instrument|cover|tools"
    r"|int|c|escript|file_server|disk_log|release_handler|erlang|ets|on_load|parse_transform)\b"
    r"|\b(?:erl_|erts_|prim_|eunit|beam_|elixir|test_server)|apply|_atom\b"
    r"|\b(?:alias|import|require)\b|[:~]['\"w]|['\"]:|\\"
)


def worth_screening(text: str) -> bool:
    """Could the screen flag this Elixir source? Erlang is always screened."""
    return _WORDS.search(text) is not None

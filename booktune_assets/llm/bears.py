"""Whether a server that somebody else started bears requests with a seed.

Belongs here: what it says of itself. Does not: servers of ours, whose build is known
(``engines.py``), taking seeds off (``client.py``).

vLLM's CPU build (0.32) dies of a sampled request with a seed whose prompt it reads in parts. Its
server tells neither device nor build: ``/version`` of builds that are named after one ends in
``+cpu`` or ``+cu128``, that of others is a bare number. So vLLM is sent seeds where its version
names a GPU, other servers are sent them always, and ``llm.seeds`` decides where one knows better.
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

__all__ = ["bears_seeds"]

_GPU = re.compile(r"\+.*(?:cu\d|cuda|rocm|xpu|gpu)", re.I)
_SECONDS, _BYTES = 10.0, 1 << 20


class _Stays(urllib.request.HTTPRedirectHandler):
    """Follows nothing: the key is for this server."""

    def redirect_request(self, *_: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        return None


def bears_seeds(base_url: str, key: str) -> bool:
    """Whether it is known to; a server that does not answer is not."""
    models = _said(f"{base_url}/models", key)
    if models is None:
        return False
    rows = models.get("data") if isinstance(models, dict) else None
    owners = {row.get("owned_by") for row in rows or () if isinstance(row, dict)}
    if "vllm" not in owners:
        return True
    version = _said(f"{base_url.removesuffix('/v1')}/version", key)
    told = version.get("version") if isinstance(version, dict) else None
    return isinstance(told, str) and _GPU.search(told) is not None


def _said(url: str, key: str) -> Any:
    """The JSON at an address; empty where it refuses or has none, None where nothing answers."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        loopback = urlsplit(url).hostname in ("127.0.0.1", "::1", "localhost")
        direct = [urllib.request.ProxyHandler({})] if loopback else []  # a proxy leads away
        opener = urllib.request.build_opener(_Stays(), *direct)
        asked = urllib.request.Request(url, headers=headers)
        with opener.open(asked, timeout=_SECONDS) as answer:
            return json.loads(answer.read(_BYTES))
    except urllib.error.HTTPError as problem:
        problem.close()
        return {} if problem.code < 500 else None
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        return {}
    except Exception:  # no address, no connection, broken HTTP: the calls will say what it is
        return None

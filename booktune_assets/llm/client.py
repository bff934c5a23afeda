"""One call over HTTP: sent, bounded in time and size, answered or a fault.

Belongs here: the connection pool and what its errors mean. Does not: what is sent (``wire.py``),
trying again (``asking.py``).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from booktune_assets.llm.request import Request
from booktune_assets.llm.wire import Fault, Raw, body_of, fault_of_status, raw_of

if TYPE_CHECKING:
    import aiohttp

__all__ = ["Client"]

CONNECT = 10.0  # seconds
IDLE = 3.0  # seconds a connection is kept: uvicorn closes after 5, and a race loses a call
BYTES_MAX = 32 << 20  # of one answer


class Client:
    """Calls to one base URL. Made and used inside of one event loop."""

    def __init__(self, base_url: str, key: str, seconds: float, *, seeds: bool = True) -> None:
        import aiohttp

        self._base = base_url.rstrip("/")
        self._seeds = seeds
        loopback = urlsplit(base_url).hostname in ("127.0.0.1", "::1", "localhost")
        headers = {"Content-Type": "application/json"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE),
            timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT),
            headers=headers,
            trust_env=not loopback,  # a proxy leads away from this machine
        )

    async def call(self, request: Request) -> Raw:
        """The answer; raises :class:`Fault`."""
        import aiohttp

        path, body = body_of(request)
        if not self._seeds:
            del body["seed"]
        try:
            data = json.dumps(body).encode()
            async with self._session.post(
                f"{self._base}/{path}", data=data, allow_redirects=False
            ) as answer:
                raw = await _read(answer)
                if answer.status != 200:
                    raise fault_of_status(answer.status, answer.headers, raw)
        except aiohttp.ConnectionTimeoutError:
            raise Fault("service", "no connection within the time limit") from None
        except TimeoutError:
            raise Fault("overload", "no answer within the time limit", billed=True) from None
        except aiohttp.InvalidURL as problem:
            raise Fault("settings", f"not an address: {problem}") from None
        except (aiohttp.ClientConnectorError, ConnectionRefusedError) as problem:
            raise Fault("service", f"no connection: {problem}") from None
        except (aiohttp.ClientError, OSError) as problem:
            says = f"the connection broke: {type(problem).__name__}: {problem}"
            raise Fault("service", says, billed=True) from None
        return raw_of(raw, request)

    async def lives(self) -> bool:
        """Does the server answer at all? Asked when one request fails again and again."""
        import aiohttp

        limit = aiohttp.ClientTimeout(total=CONNECT)
        try:
            async with self._session.get(f"{self._base}/models", timeout=limit) as answer:
                return answer.status < 500
        except (TimeoutError, aiohttp.ClientError, OSError):
            return False

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """The body, if it is of a sane size."""
    pieces, size = list[bytes](), 0
    async for piece in answer.content.iter_any():
        pieces.append(piece)
        size += len(piece)
        if size > BYTES_MAX:
            raise Fault("service", f"an answer of more than {BYTES_MAX >> 20} MB", billed=True)
    return b"".join(pieces)

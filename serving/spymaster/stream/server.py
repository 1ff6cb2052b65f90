"""Run the server: token, socket, uvicorn."""

from __future__ import annotations

import errno
import os
import re
import secrets
import socket

import uvicorn
from spymaster_ingest.errors import SpymasterError
from starlette.types import ASGIApp

from spymaster.stream.guard import is_loopback
from spymaster.stream.protocols import HTTPProtocol, WebSocketProtocol

TOKEN_VARIABLE = "SPYMASTER_SERVE_TOKEN"  # noqa: S105 (the name of a variable)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")
_LONGEST_MESSAGE_BYTES = 4_096
_MOST_CONNECTIONS = 512
_BACKLOG = 128


def token_of(host: str) -> tuple[str | None, bool]:
    """Return the token of a server and whether it was made for this run.

    A server that only this machine reaches needs none, unless the environment names one.

    Raises:
        SpymasterError: The environment's token is short or has other characters.
    """
    token = os.environ.get(TOKEN_VARIABLE)
    if token is None:
        return (None, False) if is_loopback(host) else (secrets.token_urlsafe(24), True)
    if not _TOKEN.fullmatch(token):
        raise SpymasterError(
            f"${TOKEN_VARIABLE}", "must be 16 to 128 letters, digits, hyphens and underscores"
        )
    return token, False


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        SpymasterError: The port is taken, or the host is no address of this machine.
    """
    where = f"{host}:{port}"
    try:
        [(family, kind, protocol, _, address), *_] = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(_BACKLOG)
        except OSError:
            listening.close()
            raise
    except UnicodeError as error:
        raise SpymasterError(where, "cannot listen: is no host name") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SpymasterError(
                where, "another program listens there", "give another --port, or 0 for a free one"
            ) from error
        raise SpymasterError(where, f"cannot listen: {error.strerror or error}") from error
    return listening


def server_of(app: ASGIApp) -> uvicorn.Server:
    """Return a server of an application, which ``run(sockets=...)`` starts."""
    config = uvicorn.Config(
        app,
        ws=WebSocketProtocol,
        # Arrow with compressed buffers is small already, and a compressor costs memory a client
        ws_per_message_deflate=False,
        ws_max_size=_LONGEST_MESSAGE_BYTES,
        access_log=False,
        log_level="warning",
        server_header=False,
        # no proxy stands before it, so nobody may speak for another address
        proxy_headers=False,
        http=HTTPProtocol,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)

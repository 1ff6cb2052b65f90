"""Where NATS is, and who we are there."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from spymaster_ingest.errors import SpymasterError

NATS_VARIABLE = "SPYMASTER_NATS"
CREDENTIALS_VARIABLE = "SPYMASTER_NATS_CREDS"
TOKEN_VARIABLE = "SPYMASTER_NATS_TOKEN"  # noqa: S105 (the name of a variable)
DEFAULT_PORT = 4222
DEFAULT_URL = f"nats://127.0.0.1:{DEFAULT_PORT}"
_URL = re.compile(r"(nats|tls)://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):\d{1,5}")
_REMEDY = "install the extra `nats`: uv sync --extra nats"


@dataclass(frozen=True)
class NatsSettings:
    """A server of NATS.

    Attributes:
        url: ``nats://host:port`` or ``tls://host:port``.
        credentials: file of the user; None for none.
        token: of the server; None for none.
    """

    url: str
    credentials: Path | None = None
    token: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, url: str) -> NatsSettings:
        """Return a server with the credentials of the environment.

        Raises:
            SpymasterError: The address is none or holds a secret, or the file is not there.
        """
        if "@" in url:
            raise SpymasterError(
                "--nats",
                "the address of NATS holds no user or password, which others could read",
                f"name a file in {CREDENTIALS_VARIABLE}, or the token in {TOKEN_VARIABLE}",
            )
        if not _URL.fullmatch(url):
            raise SpymasterError(url, "is no address of NATS", f"write it as {DEFAULT_URL}")
        named = os.environ.get(CREDENTIALS_VARIABLE)
        if named and not Path(named).is_file():
            raise SpymasterError(f"${CREDENTIALS_VARIABLE}", "names no file")
        token = os.environ.get(TOKEN_VARIABLE) or None
        return cls(url, Path(named) if named else None, token)


def missing_extra() -> SpymasterError:
    """Return what to say when a library or program of the extra is not installed."""
    return SpymasterError("NATS", "needs what is not installed", _REMEDY)


def nats_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option ``--nats`` to a command, as its argument ``nats_url``."""
    return click.option(
        "--nats",
        "nats_url",
        envvar=NATS_VARIABLE,
        default=DEFAULT_URL,
        show_default=True,
        help=f"Address of NATS (${NATS_VARIABLE}). Credentials come from the file that "
        f"{CREDENTIALS_VARIABLE} names, or from {TOKEN_VARIABLE}.",
    )(command)

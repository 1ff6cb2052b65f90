"""The bundled server of NATS, for a desk of one machine."""

from __future__ import annotations

import shutil
import sysconfig
from pathlib import Path

from spymaster_ingest.errors import SpymasterError

from spymaster.transport.settings import missing_extra

_PROGRAM = "nats-server"


def server_command(folder: Path, port: int) -> list[str]:
    """Return the command of a server that only this machine reaches, with JetStream.

    Args:
        folder: where its streams lie; made when it is not there.
        port: to listen on.

    Raises:
        SpymasterError: The extra ``nats`` is not installed, or the folder cannot be made.
    """
    scripts = sysconfig.get_path("scripts")
    program = shutil.which(_PROGRAM, path=scripts) or shutil.which(_PROGRAM)
    if program is None:
        raise missing_extra()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SpymasterError(folder, f"cannot be made: {error.strerror or error}") from error
    listening = ["--addr", "127.0.0.1", "--port", str(port)]
    return [program, *listening, "--jetstream", "--store_dir", str(folder)]

"""Where the engines of a run stood: a file that appears whole, and is used by its own version only.

The file is a line of JSON, then arrays in the format of ``numpy.savez``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from spymaster_ingest.durable import put_in_place, unique_temporary
from spymaster_ingest.errors import SpymasterError

from spymaster.live.engines import Engines

FORMAT = 1
_REMEDY = "the capture is replayed from its start instead"


def write_checkpoint(path: Path, engines: Engines, where: Mapping[str, Any]) -> None:
    """Write the state of the engines, in place of an earlier one.

    Args:
        path: of the file.
        engines: between two chunks.
        where: what says how far they are, for JSON.
    """
    put_checkpoint(path, checkpoint_bytes(engines.version, engines.saved(), where))


def checkpoint_bytes(
    version: str, saved: Mapping[str, np.ndarray], where: Mapping[str, Any]
) -> bytes:
    """Return what ``write_checkpoint`` writes of engines that have gone on since.

    Args:
        version: of the engines.
        saved: their state, as arrays by name.
        where: what says how far they were, for JSON.
    """
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **saved)
    data = stream.getvalue()
    head = {
        "format": FORMAT,
        "engines": version,
        "where": dict(where),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    return json.dumps(head).encode() + b"\n" + data


def put_checkpoint(path: Path, data: bytes) -> None:
    """Put a checkpoint in place of an earlier one."""
    temporary = unique_temporary(path)
    temporary.write_bytes(data)
    put_in_place(temporary, path)


def checkpoint_time(path: Path) -> dt.datetime | None:
    """Return up to when the run of a checkpoint had run, usable or not; None where it says none."""
    try:
        with path.open("rb") as stream:
            head = json.loads(stream.readline())
        return dt.datetime.fromisoformat(head["where"]["at"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def restore_checkpoint(
    path: Path, engines: Engines, expected: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Let new engines go on from a checkpoint; return what says how far they are.

    Args:
        path: of the file.
        engines: new ones, which are left alone where the checkpoint cannot be used.
        expected: values that must be among what says how far they are.

    Raises:
        SpymasterError: The file is damaged, or was written by another version or for other engines.
    """
    try:
        line, _, data = path.read_bytes().partition(b"\n")
        head = json.loads(line)
        is_whole = hashlib.sha256(data).hexdigest() == head["sha256"]
        version = head["format"], head["engines"]
        where = dict(head["where"])
    except (ValueError, KeyError, TypeError) as error:
        raise SpymasterError(path, "is no checkpoint", _REMEDY) from error
    if not is_whole:
        raise SpymasterError(path, "is damaged: its sha256 is another", _REMEDY)
    if version != (FORMAT, engines.version):
        raise SpymasterError(path, "was written by another version or for other engines", _REMEDY)
    if any(where.get(name) != value for name, value in (expected or {}).items()):
        raise SpymasterError(path, "was written by a run over other inputs", _REMEDY)
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        engines.restore(dict(arrays))
    return where

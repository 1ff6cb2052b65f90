"""What several files of tests read and is slow to make: one process makes it for all."""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

Made = TypeVar("Made")


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Made]) -> Made:
    """Return what one process of the run made; the others wait, and read a copy of the object.

    Files stay where they were made; tests must not change them.

    Args:
        factory: of the folders of this process.
        name: of the folder.
        make: makes it in a new folder.
    """
    own = factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "made" / name
    folder.parent.mkdir(exist_ok=True)
    made = folder.with_suffix(".made")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            # what a process that failed left
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            content = pickle.dumps(make(folder))
            made.write_bytes(content)
    return pickle.loads(made.read_bytes())

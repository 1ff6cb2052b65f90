"""Artefacts of claimants: named files of bytes with one content hash, checked before use."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

Arrays = dict[str, NDArray]
Artefact = Mapping[str, bytes]

SETTINGS, WEIGHTS = "settings.json", "weights.safetensors"


class AlteredArtefactError(Exception):
    """The bytes of an artefact are not those of its content hash; the message names both."""


def content_hash(artefact: Artefact) -> str:
    """Return the SHA-256 over names, lengths and bytes of the files of an artefact, 64 digits."""
    digest = hashlib.sha256()
    for name in sorted(artefact):
        digest.update(f"{len(name.encode())}:{name}:{len(artefact[name])}:".encode())
        digest.update(artefact[name])
    return digest.hexdigest()


def check(artefact: Artefact, sha256: str) -> None:
    """Refuse an artefact that has changed since its content hash was taken.

    Raises:
        AlteredArtefactError: the content hash is another one.
    """
    found = content_hash(artefact)
    if found != sha256:
        raise AlteredArtefactError(f"artefact {sha256} is altered: its content hash is now {found}")


def pack(settings: Mapping[str, Any], arrays: Mapping[str, NDArray]) -> dict[str, bytes]:
    """Return settings and arrays as an artefact; equal input gives equal bytes."""
    text = json.dumps(dict(settings), sort_keys=True, indent=1) + "\n"
    # the library writes the memory of an array as it lies
    tensors = {name: np.ascontiguousarray(values) for name, values in arrays.items()}
    return {SETTINGS: text.encode(), WEIGHTS: save_tensors(tensors)}


def unpack(artefact: Artefact, sha256: str) -> tuple[dict[str, Any], Arrays]:
    """Return settings and arrays of an artefact after ``check``.

    Raises:
        AlteredArtefactError: the content hash is another one.
    """
    check(artefact, sha256)
    return json.loads(artefact[SETTINGS]), load_tensors(artefact[WEIGHTS])

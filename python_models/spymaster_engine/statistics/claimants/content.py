"""Content hashes of artefacts: files of bytes by name, checked before use."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

Artefact = Mapping[str, bytes]


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

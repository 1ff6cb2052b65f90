"""Which partitions of a relation to build, and the names of their files.

Pure functions without dbt or a database; ``partition_functions`` registers them in SQL.
A partition belongs to an owner, a contract or a root, and to a date.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

FILE_NAME_CHARACTERS = 16

Key = tuple[str, dt.date]

BUILD, KEEP, WAIT, FORGET = "build", "keep", "wait", "forget"


class PartitionRecord(NamedTuple):
    """The inputs of a built partition.

    Attributes:
        input_fingerprint: hash of its inputs.
        model_checksum: hash of the code of the model and its kernels.
    """

    input_fingerprint: str
    model_checksum: str


class WantedPartition(NamedTuple):
    """A partition there should be.

    Attributes:
        input_fingerprint: hash of its inputs.
        is_selected: whether it may be built.
    """

    input_fingerprint: str
    is_selected: bool


class PartitionStep(NamedTuple):
    """The action for a partition.

    Attributes:
        owner: contract or root.
        dt: date.
        action: `build`; `keep` as it is; `wait`, neither built nor selected; `forget`.
        reason: why: `new`, `input`, `code`, `file`, `vanished`, or empty.
        record: its inputs, of the present or coming build; None without either.
    """

    owner: str
    dt: dt.date
    action: str
    reason: str
    record: PartitionRecord | None


def fingerprint_of(versions: Sequence[str | None]) -> str:
    """Return the fingerprint of a partition's inputs, of which some may be missing.

    A single input's version is the fingerprint.
    """
    if len(versions) == 1 and versions[0] is not None:
        return versions[0]
    return _md5("|".join("" if version is None else f"={version}" for version in versions))


def checksum_of(model_checksum: str, kernels: Mapping[str, int]) -> str:
    """Return the hash of a model's code and of the kernels that it calls.

    A kernel counts from its second version on.

    Args:
        model_checksum: hash of the model's code.
        kernels: versions of the kernels by name.
    """
    changed = [f"{name} {kernels[name]}" for name in sorted(kernels) if kernels[name] > 1]
    return _md5("|".join([model_checksum, *changed])) if changed else model_checksum


def version_of(record: PartitionRecord) -> str:
    """Return the version of a partition, an input of the partitions built from it."""
    return _md5(record.input_fingerprint + record.model_checksum)


def file_of(relation: str, owner_column: str, key: Key, record: PartitionRecord) -> str:
    """Return where a partition's file is below the lake's files of relations.

    Args:
        relation: its name.
        owner_column: `symbol` or `root`.
        key: of the partition.
        record: inputs of the partition.
    """
    owner, day = key
    name = f"{relation}-{version_of(record)[:FILE_NAME_CHARACTERS]}.parquet"
    return f"{relation}/{owner_column}={owner}/dt={day.isoformat()}/{name}"


def plan(
    wanted: Mapping[Key, WantedPartition],
    recorded: Mapping[Key, PartitionRecord],
    model_checksum: str,
    is_there: Callable[[Key, PartitionRecord], bool],
) -> list[PartitionStep]:
    """Return the action for each partition, ordered by date and owner.

    Args:
        wanted: every partition that should exist.
        recorded: inputs of the built partitions.
        model_checksum: hash of the model's code.
        is_there: whether a recorded partition exists and can be read.
    """
    keys = sorted(wanted.keys() | recorded.keys(), key=lambda key: (key[1], key[0]))
    steps = []
    for key in keys:
        action, reason, record = _step(
            key, wanted.get(key), recorded.get(key), model_checksum, is_there
        )
        steps.append(PartitionStep(*key, action, reason, record))
    return steps


def _step(
    key: Key,
    wanted: WantedPartition | None,
    before: PartitionRecord | None,
    model_checksum: str,
    is_there: Callable[[Key, PartitionRecord], bool],
) -> tuple[str, str, PartitionRecord | None]:
    """Return action, reason and record of one partition."""
    if wanted is None:
        return FORGET, "vanished", None
    now = PartitionRecord(wanted.input_fingerprint, model_checksum)
    reason = _difference(before, now)
    is_lost = before is not None and not is_there(key, before)
    if is_lost:
        reason = "file"
    if reason and wanted.is_selected:
        return BUILD, reason, now
    if is_lost:
        # an unreadable partition goes until its day is selected
        return FORGET, reason, None
    return (WAIT if before is None else KEEP), reason, before


def _difference(before: PartitionRecord | None, now: PartitionRecord) -> str:
    """Return why a partition differs from its record, empty if it does not."""
    if before is None:
        return "new"
    if before.input_fingerprint != now.input_fingerprint:
        return "input"
    return "code" if before.model_checksum != now.model_checksum else ""


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

"""The state of a pass as arrays, so that another process can go on where it stood.

A class names the attributes in which it remembers records: ``SAVED``, and if it has any
``FIRST_ROWS``, buffers of rows of which only the first is in use once the ended seconds were handed
out.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

_SHAPE = ":shape"


def saved_state(one: Any) -> dict[str, np.ndarray]:
    """Return what an object remembers: bytes by name, (n,) uint8, and the shape of each array."""
    found: dict[str, np.ndarray] = {}
    for name in one.SAVED:
        _save(found, name, getattr(one, name))
    for name in getattr(one, "FIRST_ROWS", ()):
        for path, array in _arrays(name, getattr(one, name)):
            _save(found, path, array[:1])
    return found


def restore_state(one: Any, saved: dict[str, np.ndarray]) -> None:
    """Let a new object remember what another one did.

    Args:
        one: made with the same settings as the other.
        saved: from ``saved_state`` of the other.
    """
    for name in one.SAVED:
        setattr(one, name, _restored(saved, name, getattr(one, name)))
    for name in getattr(one, "FIRST_ROWS", ()):
        for path, array in _arrays(name, getattr(one, name)):
            array[:1] = _restored(saved, path, array)


def _save(found: dict[str, np.ndarray], path: str, value: Any) -> None:
    parts = _parts(value)
    if parts is not None:
        for name, part in parts.items():
            _save(found, f"{path}.{name}", part)
        return
    if isinstance(value, dict):
        value = np.array([*value.items()], np.int64).reshape(-1, 2)
    value = np.asarray(value)
    # bytes between the fields of a record are none of what is remembered
    array = np.zeros(value.shape, value.dtype)
    array[...] = value
    found[path] = array.reshape(-1).view(np.uint8)
    found[path + _SHAPE] = np.array(array.shape, np.int64)


def _restored(saved: dict[str, np.ndarray], path: str, like: Any) -> Any:
    parts = _parts(like)
    if parts is not None:
        found = {name: _restored(saved, f"{path}.{name}", part) for name, part in parts.items()}
        return type(like)(**found)
    if isinstance(like, dict):
        keys, values = saved[path].view(np.int64).reshape(-1, 2).T.tolist()
        return dict(zip(keys, values, strict=True))
    dtype = np.asarray(like).dtype
    array = saved[path].view(dtype).reshape(saved[path + _SHAPE]).copy()
    return array if isinstance(like, np.ndarray) else type(like)(array)


def _parts(value: Any) -> dict[str, Any] | None:
    """Return the fields of a named tuple or a data class."""
    if isinstance(value, tuple):
        return value._asdict()  # type: ignore[attr-defined]  # all are named tuples
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return None


def _arrays(path: str, value: Any) -> list[tuple[str, np.ndarray]]:
    parts = _parts(value)
    return [(path, value)] if parts is None else [(f"{path}.{n}", x) for n, x in parts.items()]

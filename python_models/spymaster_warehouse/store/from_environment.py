"""The store that the environment names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from spymaster_warehouse.store.address import STORE_VARIABLE
from spymaster_warehouse.store.store import Store
from spymaster_warehouse.store.stored import store_at


def store_of_environment() -> Store | None:
    """Return the store at ``$SPYMASTER_STORE``; None when it is not set.

    Raises:
        SpymasterError: It is no address of a store.
    """
    address = os.environ.get(STORE_VARIABLE)
    return store_at(address) if address else None


@contextmanager
def without_store() -> Iterator[None]:
    """Build without the store for a while."""
    address = os.environ.pop(STORE_VARIABLE, None)
    try:
        yield
    finally:
        if address is not None:
            os.environ[STORE_VARIABLE] = address

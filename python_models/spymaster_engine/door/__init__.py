"""The door to the kernels: each declared once, with its input and output tables.

``KERNELS`` are the declarations by name. ``register`` makes them callable from SQL on any
connection of DuckDB; a declaration called with Arrow tables runs its kernel without a database.
"""

import re

from spymaster_engine.door.book import BOOK_ENGINE
from spymaster_engine.door.engines import ENGINE_KERNELS
from spymaster_engine.door.kernel import Kernel
from spymaster_engine.door.levels import LEVEL_KERNELS
from spymaster_engine.door.market import MARKET_KERNELS
from spymaster_engine.door.options import OPTION_KERNELS
from spymaster_engine.door.patterns import PATTERN_KERNELS
from spymaster_engine.door.retrieval import RETRIEVAL_KERNELS
from spymaster_engine.door.sql import register
from spymaster_engine.errors import KernelError

KERNELS = {
    kernel.name: kernel
    for kernel in (
        BOOK_ENGINE,
        *LEVEL_KERNELS,
        *ENGINE_KERNELS,
        *PATTERN_KERNELS,
        *MARKET_KERNELS,
        *OPTION_KERNELS,
        *RETRIEVAL_KERNELS,
    )
}

__all__ = ["KERNELS", "Kernel", "KernelError", "kernels_called", "register"]


def kernels_called(sql: str) -> list[str]:
    """Return the names of the kernels that SQL calls."""
    called = {name.lower() for name in re.findall(r"\b(\w+)\s*\(", sql)}
    return [name for name in KERNELS if name in called]

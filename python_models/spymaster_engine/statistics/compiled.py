"""How the kernels of the statistics are compiled: they allocate nothing (``_nrt``)."""

from __future__ import annotations

from pathlib import Path

from spymaster_ingest.kernel_cache import compiler

kernel = compiler(Path(__file__).parent, nogil=True, _nrt=False)

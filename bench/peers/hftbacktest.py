"""hftbacktest: convert an MBO file to its own event array.

Run as ``python -m bench.peers.hftbacktest FILE TINY_FILE`` in an environment that holds
hftbacktest and databento. Only the conversion has a counterpart here; its
L3 replay simulates matching for a strategy's orders, with two books and latencies.
"""

from __future__ import annotations

import sys
from pathlib import Path

from hftbacktest.data.utils import databento

from bench.measure import Stopwatch, pin, warm


def main(path: Path, tiny: Path) -> None:
    """Time the conversion, after compiling its kernels on the tiny file."""
    pin()
    warm(path)
    databento.convert(str(tiny), None)
    clock = Stopwatch()
    with clock.part("convert"):
        events = databento.convert(str(path), None)
    clock.report(len(events))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

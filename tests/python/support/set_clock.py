"""``spymaster`` in a process whose clock a test sets: arguments are its file, then the command's.

The file holds the time, ns since the epoch, 8 bytes with the lowest first.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from spymaster_ingest.lake import LAKE_VARIABLE, Lake


class SetClock:
    """The clock of processes, as a file.

    Attributes:
        path: of the file.
    """

    def __init__(self, path: Path, time_ns: int) -> None:
        self.path = path
        self.path.write_bytes(_bytes_of(time_ns))
        self._time_ns = time_ns

    @property
    def time_ns(self) -> int:
        """What time it is; it goes forward only."""
        return self._time_ns

    @time_ns.setter
    def time_ns(self, time_ns: int) -> None:
        self._time_ns = max(self._time_ns, time_ns)
        with self.path.open("r+b") as file:
            file.write(_bytes_of(self._time_ns))


def start_command(
    lake: Lake, clock: SetClock, *arguments: str, **options: Any
) -> subprocess.Popen[str]:
    """Start a command of ``spymaster`` by the clock; options are those of ``Popen``."""
    return subprocess.Popen(
        [sys.executable, __file__, str(clock.path), *arguments],
        env=os.environ | {LAKE_VARIABLE: str(lake.root)},
        text=True,
        **options,
    )


def _bytes_of(time_ns: int) -> bytes:
    return time_ns.to_bytes(8, "little")


if __name__ == "__main__":
    descriptor = os.open(sys.argv[1], os.O_RDONLY)

    def now_ns(*_: int) -> int:
        return int.from_bytes(os.pread(descriptor, 8, 0), "little")

    # a test that runs in the background hands down that it is ignored
    signal.signal(signal.SIGINT, signal.default_int_handler)
    time.time_ns = now_ns
    time.clock_gettime_ns = now_ns

    from spymaster.cli import main
    from spymaster.live.steady import SteadyClock

    def wait_until(self: SteadyClock, time_ns: int) -> None:
        """Return soon: the clock stands until the test has seen what it waits for."""
        time.sleep(0.005)

    SteadyClock.wait_until = wait_until  # type: ignore[method-assign]
    sys.argv = ["spymaster", *sys.argv[2:]]
    main()

"""Replays by processes that are killed (SIGKILL) at lines that they print, and go on."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from spymaster.live.run_folder import RunFolder, runs_of
from spymaster_ingest.lake import LAKE_VARIABLE, Lake

from support.live_days import SYMBOL
from support.synthetic_book import DAY

EQUAL = "every row equals the build's"
# a process is killed at the latest so long before the last second
BEFORE_END_S = 20
MIDNIGHT = dt.datetime.combine(DAY, dt.time())


class Replayed:
    """Replays of one span of the day, by a process each.

    Attributes:
        lines: that processes printed, by the second of each.
    """

    def __init__(self, lake: Lake, start: str, end: str, *options: str) -> None:
        self.lake = lake
        self.lines: dict[int, str] = {}
        self._last_ms = _ms_of(end) - BEFORE_END_S * 1_000
        program = Path(sys.executable).with_name("spymaster")
        of = ("--symbol", SYMBOL, "--dt", str(DAY))
        self._command = [
            *(str(program), "replay", *of, "--start", start, "--end", end),
            *options,
        ]
        self._environment = os.environ | {LAKE_VARIABLE: str(lake.root)}

    @property
    def folder(self) -> RunFolder:
        """The newest run."""
        return runs_of(self.lake, SYMBOL, DAY, "replay")[-1]

    def whole(self, *options: str) -> str:
        """Run to the end; return what was printed."""
        done = subprocess.run(
            [*self._command, *options],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()
        if "--check" in self._command:
            assert EQUAL in lines.pop()
        for line in lines:
            self._note(line)
        return done.stdout

    def killed(self, n_lines: int, *options: str) -> None:
        """Kill a process after it has printed so many lines, or soon before the end."""
        with subprocess.Popen(
            [*self._command, *options],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # a line of the run does not fit, so that the process waits for its reader
            pipesize=4096,
        ) as process:
            assert process.stdout
            assert process.stderr
            # its folder is known
            assert process.stderr.readline().startswith("run ")
            for _ in range(n_lines):
                line = process.stdout.readline()
                assert line, process.stderr.read()
                if self._note(line) >= self._last_ms:
                    break
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL

    def _note(self, line: str) -> int:
        """Keep a line, which is the same whenever it is printed; return its time, ms."""
        ts: int = json.loads(line)["ts"]
        assert self.lines.setdefault(ts, line.rstrip("\n")) == line.rstrip("\n")
        return ts


def _ms_of(local: str) -> int:
    """Return a time of the day in New York, ms."""
    hours, minutes, seconds = map(int, local.split(":"))
    at = MIDNIGHT + dt.timedelta(hours=hours + 4, minutes=minutes, seconds=seconds)
    return int(at.replace(tzinfo=dt.UTC).timestamp()) * 1_000

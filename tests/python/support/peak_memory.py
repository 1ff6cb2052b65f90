"""Run a command and write its peak memory to a file: ``python peak_memory.py FILE COMMAND...``.

Linux counts the memory of the forking process towards the peak of its child. A test process may
have held gigabytes; this small process forks the command instead.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    _, path, *command = sys.argv
    status = subprocess.run(command, check=False).returncode
    unit = 1 if sys.platform == "darwin" else 1_024
    peak_bytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit
    Path(path).write_text(str(peak_bytes))
    sys.exit(status)

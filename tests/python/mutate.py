"""Plants the faults of ``tests/mutations.csv`` one by one and runs the test that should find each.

``uv run python tests/python/mutate.py [--only ID ...] [--unchanged]`` copies the project into a
temporary folder. There it changes one line, runs the test that the table names, and requires that
the test fails. The working tree stays as it is.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

PROJECT = Path(__file__).resolve().parents[2]
TABLE = PROJECT / "tests" / "mutations.csv"
# folders whose packages the environment would otherwise import from the working tree
SOURCES = ("ingest", "python_models", "serving")
PACKAGES = ("spymaster_ingest", "spymaster_engine", "spymaster_warehouse", "spymaster")
# fixtures take the real market data from beside the checkout
BESIDE = "shared"
# what is said of a fault whose test fails
FOUND = "found"


@dataclass(frozen=True)
class Mutation:
    """A small fault, and the test that finds it.

    Attributes:
        mutation: its name.
        file: the file that has it, relative to the project.
        find: text that the file holds once.
        replace: the text with the fault.
        what: what is wrong for a user.
        expected_in: a test or a file of tests, relative to the project, that should fail with it.
        subject: the folder of tests that protects the file's subject.
    """

    mutation: str
    file: str
    find: str
    replace: str
    what: str
    expected_in: str
    subject: str

    def changed(self, text: str) -> str:
        """Return the text of the file with the fault."""
        count = text.count(self.find)
        if count != 1:
            raise ValueError(f"{self.mutation}: {self.file} holds the text {count} times")
        return text.replace(self.find, self.replace)


def read_mutations() -> list[Mutation]:
    """Return the table, in its order."""
    with TABLE.open(newline="", encoding="utf-8") as lines:
        rows = csv.DictReader(lines)
        names = [field.name for field in fields(Mutation)]
        if rows.fieldnames != names:
            raise ValueError(f"the columns of {TABLE.name} are not {', '.join(names)}")
        return [Mutation(**row) for row in rows]


class Copy:
    """A copy of the project, whose tests run its own code."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / PROJECT.name
        self._report = folder / "report.xml"
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=PROJECT,
            check=True,
            capture_output=True,
            text=True,
        )
        for name in listed.stdout.split("\0"):
            if name and (PROJECT / name).is_file():
                target = self.root / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(PROJECT / name, target)
        if (PROJECT.parent / BESIDE).is_dir():
            (folder / BESIDE).symlink_to(PROJECT.parent / BESIDE)
        self._environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(str(self.root / name) for name in SOURCES),
            # kernels lie there by a hash of their sources, so that a fault is always compiled
            "NUMBA_CACHE_DIR": str(folder / "kernels"),
        }
        self._check_imports()

    def _check_imports(self) -> None:
        """Raise unless the packages are those of the copy."""
        names = ", ".join(PACKAGES)
        done = subprocess.run(
            # a package without a file of its own has a folder per place; the first one counts
            [sys.executable, "-c", f"import {names}\nfor p in ({names}): print([*p.__path__][0])"],
            cwd=self.root,
            env=self._environment,
            check=True,
            capture_output=True,
            text=True,
        )
        for folder in done.stdout.splitlines():
            if not Path(folder).is_relative_to(self.root):
                raise RuntimeError(f"the tests would run {folder}, which is not in {self.root}")

    def outcome(self, test: str) -> str:
        """Run a test and return ``failed``, ``passed``, or why it did neither."""
        self._report.unlink(missing_ok=True)
        options = ["-o", "addopts=--strict-markers -n 0", "-q", "-x", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, f"--junitxml={self._report}", test],
            cwd=self.root,
            env=self._environment,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode == 0:
            return "passed"
        if done.returncode == 1 and self._report.is_file():
            # an error is one of a fixture, or of code that cannot be read
            suite = ElementTree.parse(self._report).getroot().find("testsuite")
            if suite is not None and int(suite.get("failures", 0)):
                return "failed"
        last = (done.stdout + done.stderr).strip().split("\n")[-1]
        return f"no answer ({done.returncode}): {last}"

    def outcome_with(self, mutation: Mutation) -> str:
        """Return whether the test of a mutation finds its fault, which is then gone again."""
        path = self.root / mutation.file
        before = path.stat()
        text = path.read_bytes()
        try:
            path.write_bytes(mutation.changed(text.decode()).encode())
            outcome = self.outcome(mutation.expected_in)
            return {"failed": FOUND, "passed": "not found"}.get(outcome, outcome)
        finally:
            path.write_bytes(text)
            # what was compiled of the file without the fault still holds
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _print_outcomes(wanted: str, runs: Iterable[tuple[str, Callable[[], str]]]) -> int:
    """Print what each run gave and its seconds; return 1 unless all gave what is wanted."""
    seconds, n_runs, others = 0.0, 0, []
    for name, run in runs:
        begin = time.monotonic()
        outcome = run()
        took = time.monotonic() - begin
        seconds += took
        n_runs += 1
        if outcome != wanted:
            others.append(name)
        print(f"{name:<44} {took:7.1f} s  {outcome}", flush=True)
    print(f"{n_runs - len(others)} of {n_runs} {wanted}, {seconds:.0f} s")
    if others:
        print("others: " + ", ".join(others))
    return 1 if others else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line per mutation, or per test, and return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", nargs="+", metavar="ID", help="the mutations to plant")
    parser.add_argument(
        "--unchanged",
        action="store_true",
        help="plant nothing, and require that each test passes",
    )
    options = parser.parse_args(arguments)
    mutations = read_mutations()
    if options.only:
        unknown = sorted(set(options.only) - {mutation.mutation for mutation in mutations})
        if unknown:
            parser.error(f"no mutation {', '.join(unknown)}")
        mutations = [mutation for mutation in mutations if mutation.mutation in options.only]
    with tempfile.TemporaryDirectory(prefix="mutations-") as folder:
        copy = Copy(Path(folder))
        if options.unchanged:
            tests = dict.fromkeys(mutation.expected_in for mutation in mutations)
            return _print_outcomes(
                "passed", ((test, partial(copy.outcome, test)) for test in tests)
            )
        planted = (
            (mutation.mutation, partial(copy.outcome_with, mutation)) for mutation in mutations
        )
        return _print_outcomes(FOUND, planted)


if __name__ == "__main__":
    sys.exit(main())

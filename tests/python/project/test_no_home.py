"""No code assumes one product, one zone or one tick: a lake says which are its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from spymaster_ingest.lake import PROJECT_ROOT

CODE = ("models", "macros", "python_models", "ingest", "serving")
SUFFIXES = {".sql", ".py", ".js", ".html"}
# the synthetic market is one of ES, and so is the demonstration that shows it
SYNTHETIC = (
    "ingest/spymaster_ingest/synthetic/",
    "serving/spymaster/demo/",
    "serving/spymaster/commands/generate.py",
)
# of others; and what writes the rows of a seed
NOT_OURS = ("serving/spymaster/hud/static/vendor/", "ingest/spymaster_ingest/holidays.py")
# examples in texts
EXAMPLES = {
    ("python_models/spymaster_warehouse/var_kinds.py", "time zone such as America/New_York"),
    ("serving/spymaster/commands/level.py", "--from '2025-10-16T10:05:00 New York'"),
    ("serving/spymaster/commands/options.py", "or '2025-10-01T09:45:00 New York'"),
}
KINDS = {
    "product": re.compile(r"""(["'`])ES\1"""),
    "zone": re.compile(r"America/New_York|New York"),
    "tick": re.compile(
        r"(?i)(tick|price|point).*(?<![\w.])0?\.250*\b"
        r"|(?<![\w.])0?\.250*\b.*(tick|price|point)"
        r"|(?<![\w.])250_?000_?000\b"
    ),
}


def findings(path: str, text: str) -> Iterator[str]:
    """Yield the lines of a file that name a product, a zone or a tick of their own."""
    for number, line in enumerate(text.splitlines(), start=1):
        for kind, pattern in KINDS.items():
            is_example = any(name == path and words in line for name, words in EXAMPLES)
            if pattern.search(line) and not is_example:
                yield f"{path}:{number}: {kind}: {line.strip()}"


def files() -> list[Path]:
    """Return the files of the project's code."""
    found = [path for folder in CODE for path in (PROJECT_ROOT / folder).rglob("*")]
    return [
        path
        for path in found
        if path.suffix in SUFFIXES and not name_of(path).startswith((*SYNTHETIC, *NOT_OURS))
    ]


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT_ROOT).as_posix()


def test_no_code_has_a_product_a_zone_or_a_tick_of_its_own() -> None:
    paths = files()
    assert {path.suffix for path in paths} == SUFFIXES
    assert {name_of(path).partition("/")[0] for path in paths} == set(CODE)
    assert not [
        finding
        for path in paths
        for finding in findings(name_of(path), path.read_text(encoding="utf-8"))
    ]


def test_what_is_allowed_is_there() -> None:
    for name in (*SYNTHETIC, *NOT_OURS):
        assert (PROJECT_ROOT / name).exists(), name
    for name, words in EXAMPLES:
        assert words in (PROJECT_ROOT / name).read_text(encoding="utf-8"), name


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("product", "where root = 'ES'"),
        ("product", 'default_root = "ES"'),
        ("zone", "timezone('America/New_York', window_end_ts)"),
        ("zone", 'ZoneInfo("America/New_York")'),
        ("zone", "`${time} New York`"),
        ("tick", "tick_size = 0.25"),
        ("tick", "this.tickPoints = .25;"),
        ("tick", "price / 0.25 as level_tick"),
        ("tick", "price_int // 250_000_000"),
        ("tick", "floor(price_int / 250000000)"),
    ],
)
def test_each_kind_is_found(kind: str, line: str) -> None:
    [finding] = findings("serving/spymaster/planted.py", f"first line\n{line}\n")
    assert finding == f"serving/spymaster/planted.py:2: {kind}: {line}"


@pytest.mark.parametrize(
    "line",
    ["share = 0.25", "ticks * 10.25", "ticks = 1_250_000_000", '"ESZ5"', "'YES'", "symbol ES"],
)
def test_other_lines_are_not(line: str) -> None:
    assert not list(findings("serving/spymaster/planted.py", line))

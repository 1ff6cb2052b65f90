"""Fixtures and options that several test modules share."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from support import changed, cheap_dbt
from support.built_lakes import built, landed, raw, spare  # noqa: F401  (fixtures)
from support.damaged_lake import damaged  # noqa: F401  (fixture)
from support.demonstration import demonstration  # noqa: F401  (fixture)
from support.engine_twins import engine_days  # noqa: F401  (fixture)
from support.explain_lake import explained, explained_connection  # noqa: F401  (fixtures)
from support.inline_query import ask  # noqa: F401  (fixture)
from support.job_lakes import inline_build  # noqa: F401  (fixture)
from support.level_copies import level_copies  # noqa: F401  (fixture)
from support.mbp_lakes import by_price  # noqa: F401  (fixture)
from support.opened_page import opened_page, screen  # noqa: F401  (fixtures)
from support.quote_lakes import quoted  # noqa: F401  (fixture)
from support.remote_bronze import (  # noqa: F401  (fixtures)
    remote_bucket,
    remote_server,
    remote_storage,
)
from support.retrieval_days import market_of_best_levels, retrieval_market  # noqa: F401

# begun first, in this order: what they make is slow, and other files read it
FIRST_FILES = tuple(
    f"tests/python/{name}.py"
    for name in (
        "project/test_readme",
        "book/test_conservation",
        "levels/test_no_look_ahead_levels",
        "retrieval/test_retrieval",
        "explain/test_explained_cells",
        "engines/test_engine_days",
    )
)
# begun last: it reads the demonstration, which takes longest
LAST_FILE = "tests/python/building/test_planted_rows.py"
# net new objects from which Python looks for reference cycles: by default it walks the parsed
# project again and again, which takes a third of a run of dbt
COLLECTED_FROM = 20_000
# durations that --slowest prints
SLOWEST = 50
# names the subjects that --changed selects, of all processes
SELECTED = "SPYMASTER_TESTS_SUBJECTS"
SHARED_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def pytest_configure(config: pytest.Config) -> None:
    os.environ.update(cheap_dbt.ENVIRONMENT)
    gc.set_threshold(COLLECTED_FROM, 20, 100)
    if config.getoption("--slowest"):
        config.option.durations = SLOWEST
    # of one of several processes; their folders lie beside each other
    if hasattr(config, "workerinput"):
        shared = Path(config.getoption("basetemp")).parent
        os.environ[cheap_dbt.PARSED_FOLDER] = str(shared / "parsed")
    elif commit := config.getoption("--changed"):
        try:
            reached = changed.subjects_reached(changed.changed_files(commit))
        except ValueError as error:
            raise pytest.UsageError(f"--changed: {error}") from error
        os.environ[SELECTED] = " ".join(sorted(reached))


def pytest_sessionfinish() -> None:
    # pytest looks for cycles five times at the end, each time through the parsed project
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run the long form of the tests")
    parser.addoption(
        "--changed",
        nargs="?",
        const="HEAD",
        metavar="COMMIT",
        help="run the tests of the subjects that changes since a commit reach, HEAD by default",
    )
    parser.addoption(
        "--slowest", action="store_true", help=f"print the {SLOWEST} longest tests and fixtures"
    )
    parser.addoption("--renew", action="store_true", help="renew tests/python/compiled_sql")


def pytest_xdist_auto_num_workers() -> int:
    """One more than the machine has cores: many a process waits for a build it has started."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    files = (*FIRST_FILES, "", LAST_FILE)
    places = {file: place for place, file in enumerate(files)}
    items.sort(key=lambda item: places.get(item.nodeid.split("::")[0], places[""]))
    by_choice: dict[bool, list[pytest.Item]] = {True: [], False: []}
    for item in items:
        by_choice[is_left_out(config, item)].append(item)
    if by_choice[True]:
        config.hook.pytest_deselected(items=by_choice[True])
        items[:] = by_choice[False]


def is_left_out(config: pytest.Config, item: pytest.Item) -> bool:
    """Return whether a test waits for --long, or whether no change reaches its subject."""
    if item.get_closest_marker("long") and not config.getoption("--long"):
        return True
    return bool(config.getoption("--changed")) and item.path.parent.name not in selected()


def selected() -> list[str]:
    """Return the subjects that --changed selects."""
    return os.environ[SELECTED].split()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the tables that tests recorded, and what was left out."""
    if config.getoption("--changed"):
        left_out = sorted(changed.subjects() - set(selected()))
        terminalreporter.write_line(f"changes reach: {', '.join(selected()) or 'nothing'}")
        terminalreporter.write_line(f"left out: {', '.join(left_out) or 'nothing'}")
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for title, table in report.user_properties:
                terminalreporter.write_line(f"{title}\n{table}")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with the real market data beside the checkout."""
    if SHARED_DATA.is_dir():
        return SHARED_DATA
    reason = f"no real market data at {SHARED_DATA}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)

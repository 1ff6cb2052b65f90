"""The demonstration: a small synthetic market, from DBN files to answers."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import duckdb
from rich.table import Table
from spymaster_ingest.console import out
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake

from spymaster.demo.market import future_schemas, generate, raw_files
from spymaster.demo.steps import expected_seconds, step, step_with_progress
from spymaster.published import open_published

if TYPE_CHECKING:
    from spymaster_warehouse.build_progress import Progress

    from spymaster.clock import TimeRange

# times on the last day, and the zone of the market
PICTURE_START, PICTURE_END = dt.time(9, 38), dt.time(9, 53)
_ZONE = ZoneInfo("America/New_York")
# relations of the first table and picture
_FIRST = ("+wall_surface_1s", "+recording_gaps", "future_mbo", "future_trades")

# priority of what may wait for the first picture
_LATER = 10

_MARKER = ".demo"
_QUERIES = Path(__file__).parent / "queries"
_APPROACH = Path(__file__).parent / "longest_approach.sql"


def run_demo(lake: Lake) -> None:
    """Write the market, land it, build it, publish it, draw it and print example queries.

    The book of one day comes first, with a table and a picture of it. Steps that an earlier run
    finished are skipped.

    Raises:
        SpymasterError: The lake holds other data or cannot be written, or a step failed.
    """
    try:
        _claim(lake)
        _write_and_build(lake)
    except OSError as error:
        raise SpymasterError(
            error.filename or lake.root, f"cannot be written: {error.strerror or error}"
        ) from error
    out.print(f"\nThe warehouse: {lake.published}", markup=False)
    out.print(f"A picture to look at first: {demo_picture(lake)}\n", markup=False)
    with open_published(lake) as connection:
        for path in demo_queries()[1:]:
            _show(connection, path.read_text(encoding="utf-8"))
        level_id, at = _longest_approach(connection)
    _print_level(lake, level_id, at)
    _print_odds(lake, level_id, at)
    _print_next_steps(lake)


def _write_and_build(lake: Lake) -> None:
    """Write, land and build the market: first the book of its last day, to look at meanwhile."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        is_first = not demo_picture(lake).exists()
        if is_first:
            step(
                "writing a day of a small synthetic market (the first time compiles kernels)",
                lambda: _generate_first(lake, pool),
            )
            step("landing its files", lambda: _land(lake, _first_files(lake)))
        others = pool.submit(_generate_all, lake.root / "raw")
        if is_first:
            step("building its book", lambda: _build_first(lake))
            step("drawing a picture", lambda: _draw(lake))
        _print_first(lake)
        step("writing its options and the other days", others.result)
    step("landing their files", lambda: _land(lake, [lake.root / "raw"]))
    with step_with_progress("building the warehouse") as report:
        _build_rest(lake, report)
    step("drawing the picture with its levels", lambda: _draw(lake))


def demo_queries() -> list[Path]:
    """Return the example queries, in the order they are shown."""
    return sorted(_QUERIES.glob("*.sql"))


def demo_picture(lake: Lake) -> Path:
    """Return the path of the picture of the book."""
    return lake.pictures / f"{_symbol()}-{_dates()[-1]}.png"


def demo_odds_picture(lake: Lake) -> Path:
    """Return the path of the picture of the most similar approaches."""
    return lake.pictures / f"{_symbol()}-{_dates()[-1]}-setups.png"


def _claim(lake: Lake) -> None:
    """Claim a lake that is empty or holds an earlier demonstration."""
    marker = lake.root / _MARKER
    if not marker.exists() and (lake.bronze.exists() or lake.raw.exists()):
        raise SpymasterError(
            lake.root,
            "this lake holds other data, and the demonstration would mix with it",
            f"point {LAKE_VARIABLE} at an empty directory",
        )
    lake.make_root()
    marker.touch()


def _generate_first(lake: Lake, pool: ProcessPoolExecutor) -> None:
    """Write the futures of the last day while another process prepares the first build."""
    prepared = pool.submit(_prepare_first_build, lake)
    generate(lake.root / "raw", _dates()[-1:], future_schemas())
    prepared.result()


def _prepare_first_build(lake: Lake) -> None:
    from spymaster_engine.first_compilation import compile_book_replay
    from spymaster_warehouse.dbt_run import run_dbt

    compile_book_replay()
    # dbt keeps what it has parsed for the next run
    run_dbt(lake, "parse", ["--quiet"])


def _first_files(lake: Lake) -> list[Path]:
    return raw_files(lake.root / "raw", _dates()[-1], future_schemas())


def _generate_all(folder: Path) -> None:
    """Write all days, then compile what the build needs next; the first picture goes before."""
    from spymaster_engine.first_compilation import compile_option_replay

    os.nice(_LATER)
    generate(folder, _dates())
    compile_option_replay()


def _land(lake: Lake, paths: Sequence[Path]) -> None:
    from spymaster_ingest.landing import land

    report = land(paths, lake)
    if report.errors:
        raise report.errors[0]


def _build_first(lake: Lake) -> None:
    _build(lake, ["--select", *_FIRST])


def _build_rest(lake: Lake, report: Callable[[str, float | None], None]) -> None:
    from spymaster_warehouse.build_progress import Progress

    _build(lake, [], Progress(report, expected_seconds()))


def _build(lake: Lake, selected: Sequence[str], progress: Progress | None = None) -> None:
    """Build without unit tests: they test the models, not what is built here."""
    from spymaster_warehouse.build import build_and_publish
    from spymaster_warehouse.dbt_arguments import WITHOUT_UNIT_TESTS

    arguments = ["--quiet", *selected, *WITHOUT_UNIT_TESTS]
    build_and_publish(lake, arguments, command="spymaster demo", progress=progress)


def _draw(lake: Lake) -> None:
    from spymaster.plot import plot

    plot(lake, _symbol(), _picture_seconds(), demo_picture(lake))


def _picture_seconds() -> TimeRange:
    from spymaster.clock import LocalClock

    return LocalClock(_ZONE).time_range(_dates()[-1], PICTURE_START, PICTURE_END)


def _dates() -> list[dt.date]:
    from spymaster_ingest.synthetic import standard_dates

    return standard_dates()


def _symbol() -> str:
    """Return the contract of the demonstration's last day."""
    from spymaster_ingest.synthetic import contracts_of, standard_market

    return contracts_of(standard_market().product, _dates()[-1])["front"].symbol


def _longest_approach(connection: duckdb.DuckDBPyConnection) -> tuple[str, dt.datetime]:
    """Return the level of the picture's longest approach, and a moment of it, naive UTC."""
    seconds = _picture_seconds()
    found = connection.execute(
        _APPROACH.read_text(encoding="utf-8"),
        {
            "symbol": _symbol(),
            "dt": _dates()[-1],
            "start_ts": seconds.start_utc,
            "end_ts": seconds.end_utc,
        },
    ).fetchone()
    if found is None:
        raise SpymasterError(
            "gold.approach_episodes", "holds no approach in the minutes of the picture"
        )
    return found


def _print_first(lake: Lake) -> None:
    """Print the first table, and the picture of the book, while the other days are written."""
    with open_published(lake) as connection:
        _show(connection, demo_queries()[0].read_text(encoding="utf-8"))
    out.print(
        f"The book of {_symbol()} on {_dates()[-1]} is ready: {demo_picture(lake)} shows some "
        "minutes of it. Levels, options and odds follow with the other days.\n",
        markup=False,
    )


def _print_level(lake: Lake, level_id: str, at: dt.datetime) -> None:
    from spymaster.levels.read import read_levels
    from spymaster.levels.table import print_levels

    out.print(
        "The longest approach of the picture, just before its touch, and what waits at the level",
        style="bold",
        markup=False,
    )
    out.print(
        f"uv run spymaster levels {_options(lake, level_id, at)}",
        style="dim",
        markup=False,
    )
    print_levels(read_levels(lake, _symbol(), _dates()[-1], at, level_id))
    out.print()


def _print_odds(lake: Lake, level_id: str, at: dt.datetime) -> None:
    from spymaster.setups.approach import approach_sentences
    from spymaster.setups.card import print_card
    from spymaster.setups.picture import draw_neighbors
    from spymaster.setups.read_answer import read_answer

    out.print(
        "The most similar approaches of the days before, and what followed them",
        style="bold",
        markup=False,
    )
    picture = demo_odds_picture(lake)
    out.print(
        f"uv run spymaster setups {_options(lake, level_id, at)} --plot {picture}",
        style="dim",
        markup=False,
    )
    answer = read_answer(lake, _symbol(), _dates()[-1], level_id, at)
    draw_neighbors(lake, answer, picture)
    print_card(answer, out, approach_sentences(lake, answer))
    out.print(f"Their paths in a picture: {picture}\n", markup=False)


def _options(lake: Lake, level_id: str, at: dt.datetime) -> str:
    """Return the command options of a level and a moment, naive UTC, on the last day."""
    from spymaster.clock import clock_of_lake

    clock = clock_of_lake(lake).time(at)
    return f"--symbol {_symbol()} --dt {_dates()[-1]} --level {level_id} --at {clock}"


def _show(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    title, _, query = sql.partition("\n")
    out.print(title.removeprefix("-- "), style="bold", markup=False)
    out.print(query.rstrip(), style="dim", markup=False)
    result = connection.execute(query)
    table = Table()
    for name, *_ in result.description:
        table.add_column(name, justify="right", overflow="fold")
    for row in result.fetchall():
        table.add_row(*("" if value is None else str(value) for value in row))
    out.print(table)
    out.print()


def _print_next_steps(lake: Lake) -> None:
    out.print(
        "Watch a day in the browser:\n"
        "  uv run spymaster serve --open\n"
        "\n"
        "Your own data, in a lake of its own:\n"
        f"  export {LAKE_VARIABLE}=/path/to/an/empty/directory\n"
        "  uv run spymaster land PATH...    files or folders of .dbn or .dbn.zst\n"
        "  uv run spymaster build           what is new or changed, then publish\n"
        "\n"
        "Ask this one anything, from any program that opens DuckDB files:\n"
        f"  import duckdb; duckdb.connect({str(lake.published)!r}, read_only=True)",
        markup=False,
    )

"""Runs every command and query of README and docs against a demonstration lake."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

import duckdb
import pytest
from spymaster.demo import demo_odds_picture, demo_picture, demo_queries
from spymaster_ingest.lake import PROJECT_ROOT, Lake
from spymaster_ingest.landing.schema_questions import read_schema_questions
from spymaster_ingest.landing.table_schemas import SCHEMAS as LANDED_SCHEMAS
from spymaster_ingest.synthetic import standard_dates
from support.demonstration import BUILD, DEMO, INSTALL, UNIT_TESTS, Demonstration, run_line

DOCS = PROJECT_ROOT / "docs"
# in reading order
PAGES = {
    path: path.read_text(encoding="utf-8")
    for path in (PROJECT_ROOT / "README.md", *sorted(DOCS.glob("*.md")))
}
TESTS, BENCH = "uv run pytest", "uv run --group bench"
# commands that the demonstration has already run, or parts of it
BUILDS = ("uv run spymaster build", "uv run dbt build")


def blocks(language: str) -> list[str]:
    fenced = re.compile(rf"^```{language}\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return [block for page in PAGES.values() for block in fenced.findall(page)]


def commands() -> list[str]:
    lines = [line for block in blocks("sh") for line in block.splitlines() if line]
    return list(dict.fromkeys(lines))


@pytest.fixture(scope="module")
def scratch(demonstration: Demonstration) -> Path:
    return demonstration.folder


@pytest.fixture(scope="module")
def demo_output(demonstration: Demonstration) -> str:
    return demonstration.output


@pytest.fixture(scope="module")
def lake(demonstration: Demonstration) -> Path:
    return demonstration.lake


def test_the_two_commands_come_first() -> None:
    assert commands()[:2] == [INSTALL + DEMO, INSTALL + TESTS]


def test_links_lead_somewhere() -> None:
    for page, text in PAGES.items():
        for target in re.findall(r"\]\(([^)#]+)", text):
            assert target.startswith("https://") or (page.parent / target).is_file(), target


def test_the_readme_leads_to_every_page() -> None:
    readme = PAGES[PROJECT_ROOT / "README.md"]
    for page in PAGES:
        assert page.parent == PROJECT_ROOT or f"(docs/{page.name})" in readme


def rows_under(heading: str, page: Path) -> list[list[str]]:
    """Return the cells of the table whose header line begins with ``heading``."""
    lines = PAGES[page].splitlines()
    [at] = (number for number, line in enumerate(lines) if line.startswith(heading))
    rows = takewhile(lambda line: line.startswith("|"), lines[at + 2 :])
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_the_readme_says_what_every_schema_gives() -> None:
    rows = rows_under("| schema | gives | does not give |", PROJECT_ROOT / "README.md")
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", row[0])]
    assert sorted(named) == sorted(LANDED_SCHEMAS)
    assert all(all(row) for row in rows)


def test_the_page_of_real_data_repeats_the_seed() -> None:
    rows = rows_under("| schema | relation | gives |", DOCS / "real-data.md")
    assert rows == [
        [f"`{row.schema}`", f"`{row.relation}`", row.gives, row.lacks]
        for row in read_schema_questions()
    ]


def test_all_pages_say_when_odds_come_from_market_features() -> None:
    [gives] = (row.gives for row in read_schema_questions() if row.schema == "mbp-10")
    odds = gives[gives.index("odds from") :]
    assert " where " in odds
    readme = dict(row[:2] for row in rows_under("| schema | gives |", PROJECT_ROOT / "README.md"))
    assert readme["`mbp-10`"].endswith(odds)
    by_price = dict(rows_under("| what | with `mbp-10` alone |", DOCS / "real-data.md"))
    assert by_price["odds of `spymaster setups`"].startswith(odds.removeprefix("odds "))


def test_ci_runs_the_test_command() -> None:
    assert TESTS in (PROJECT_ROOT / ".ci" / "run").read_text().splitlines()


def test_demo_prints_paths_and_results(demo_output: str, lake: Path) -> None:
    assert str(lake / "spymaster.duckdb") in demo_output
    assert len(demo_queries()) == 5
    for path in demo_queries():
        title = path.read_text().splitlines()[0].removeprefix("-- ")
        assert title in demo_output
    # the results, not only the queries
    assert re.search(r"│ 09:30:00 +│ +\d+ │ +\d{4}\.\d+ │", demo_output)
    assert re.search(r"│ +09:30 │ +A │ +\d+ │", demo_output)
    assert re.search(r"│ 09:52:12 │ +\d{4}\.\d+ │( +-?\d\.\d+ │){6}", demo_output)
    # recent price movement, then the ladder of a level, four points either way
    assert re.search(r"came (up|down) \d+(\.5)? ticks? in the last minute", demo_output)
    for point in ("\\+4", "level", "-4"):
        assert re.search(rf"^ *{point} +\d", demo_output, re.MULTILINE)
    assert re.search(r"asks retreat (yes|no) .*bids pulled (yes|no)", demo_output)
    # the odds of an approach, beside the base rate
    assert re.search(r"8 ticks through \d+% \(usually \d+%\), 8 ticks back", demo_output)
    assert re.search(r"rests on \d+ similar approaches on \d+ earlier days", demo_output)
    assert "Verdict: " in demo_output
    assert "spymaster land" in demo_output


def test_demo_shows_the_book_of_one_day_before_the_others_are_built(demo_output: str) -> None:
    ready, built = "The book of ESZ5 on 2025-10-16 is ready", "done: building the warehouse"
    first, *others = (path.read_text().splitlines()[0] for path in demo_queries())
    assert demo_output.index(first.removeprefix("-- ")) < demo_output.index(ready)
    # with its rows
    assert re.search(r"│ 09:30:00 +│ +\d+ │", demo_output[: demo_output.index(ready)])
    assert demo_output.index(ready) < demo_output.index(built)
    assert demo_output.index(built) < demo_output.index(others[0].removeprefix("-- "))


def test_demo_holds_quotes_statistics_and_status_beside_the_orders(lake: Path) -> None:
    with duckdb.connect(str(lake / "spymaster.duckdb"), read_only=True) as connection:
        for relation in ("future_bbo", "future_statistics", "future_status"):
            [(days, rows)] = connection.execute(
                f"select count(distinct dt), count(*) from bronze.{relation}"
            ).fetchall()
            assert days == len(standard_dates()), relation
            assert rows > days, relation
        intervals = connection.execute(
            """
            select distinct
                told_by, interval_no, strftime(open_ts, '%H:%M'), strftime(close_ts, '%H:%M')
            from silver.trading_intervals where symbol like 'ES%' order by all
            """
        ).fetchall()
    # New York is four hours behind UTC in October; Fridays have no evening session
    assert intervals == [
        ("status", 1, "00:00", "21:00"),
        ("status", 2, "22:00", "00:00"),
    ]


def test_a_build_after_the_demonstration_has_nothing_to_do(lake: Path, scratch: Path) -> None:
    done = run_line(BUILD, lake, scratch)
    assert "nothing has changed since the last build" in done.stderr
    assert done.returncode == 0


def test_the_unit_tests_pass(lake: Path, scratch: Path) -> None:
    """The demonstration leaves them out: they test the models, not what it builds."""
    done = run_line(UNIT_TESTS, lake, scratch)
    assert done.returncode == 0, done.stdout
    results = json.loads((scratch / "target" / "run_results.json").read_text())["results"]
    unit_tests = [result for result in results if result["unique_id"].startswith("unit_test.")]
    assert len(unit_tests) > 30
    assert {result["status"] for result in unit_tests} == {"pass"}


def test_demo_draws_pictures_and_prints_their_paths(demo_output: str, lake: Path) -> None:
    for drawn in (demo_picture(Lake(lake)), demo_odds_picture(Lake(lake))):
        assert str(drawn) in demo_output
        assert drawn.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(line, marks=pytest.mark.long if line.startswith(BUILDS) else ())
        for line in commands()
        if not line.startswith((INSTALL, BENCH)) and line not in (DEMO, TESTS)
    ],
)
def test_command_runs(command: str, lake: Path, scratch: Path) -> None:
    done = run_line(command, lake, scratch)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout


@pytest.mark.parametrize("sql", blocks("sql"))
def test_query_answers(sql: str, lake: Path) -> None:
    with duckdb.connect(str(lake / "spymaster.duckdb"), read_only=True) as connection:
        assert connection.execute(sql).fetchall()


def test_every_relation_answers_in_full(lake: Path) -> None:
    """Read every column of every published relation, of relations with dates the last one."""
    with duckdb.connect(str(lake / "spymaster.duckdb"), read_only=True) as connection:
        columns: dict[tuple[str, str], set[str]] = {}
        for schema, name, column in connection.execute(
            "select table_schema, table_name, column_name from information_schema.columns"
        ).fetchall():
            columns.setdefault((schema, name), set()).add(column)
        assert ("gold", "retrieval_outcomes") in columns
        broken = {}
        for (schema, name), there in columns.items():
            last_date = f"where dt = date '{standard_dates()[-1]}'" if "dt" in there else ""
            try:
                connection.execute(
                    f'select bit_xor(hash(found)) from "{schema}"."{name}" as found {last_date}'
                ).fetchall()
            except duckdb.Error as error:
                broken[f"{schema}.{name}"] = str(error)
    assert broken == {}


def test_every_study_second_has_gamma_exposure(lake: Path) -> None:
    """The hour from 09:25 to 10:25; options are quoted, and exposure exists, only until then."""
    with duckdb.connect(str(lake / "spymaster.duckdb"), read_only=True) as connection:
        found = connection.execute(
            """
            select book.dt, count(*), count(exposure.gex)
            from silver.book_snapshot_1s as book
            left join silver.gex_summary_1s as exposure using (symbol, dt, window_start_ts)
            where
                strftime(
                    timezone('America/New_York', timezone('UTC', book.window_start_ts)), '%H:%M'
                ) between '09:30' and '10:24'
            group by book.dt
            order by book.dt
            """
        ).fetchall()
    assert found == [(day, 55 * 60, 55 * 60) for day in standard_dates()]


def test_options_answer_for_both_directions(lake: Path, demo_output: str) -> None:
    at_strikes, walls, over_time = [sql for sql in blocks("sql") if "gex_" in sql or "call_" in sql]
    with duckdb.connect(str(lake / "spymaster.duckdb"), read_only=True) as connection:
        rows = connection.execute(at_strikes).fetchall()
        assert {row[1] > 0 for row in rows} == {True, False}
        # a strike for every rung, shared by neighbors
        assert sum(row[3] - row[2] + 1 for row in rows) == 9
        assert all(row[4] is not None and row[5] is not None and row[6] for row in rows)
        rows = connection.execute(walls).fetchall()
        assert {row[1] > 0 for row in rows} == {True, False}
        assert all(value is not None for row in rows for value in row)
        rows = connection.execute(over_time).fetchall()
        assert len(rows) == 7
        assert all(value is not None for row in rows for value in row)
    # and the command prints the same in words
    assert re.search(r"strike \d+ \(shared by \S+ to \S+\): (calls|puts) ", demo_output)
    assert re.search(r"options: call wall \d+", demo_output)


@pytest.mark.parametrize("code", blocks("python"))
def test_python_runs(code: str, lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exec(code.replace("lake/spymaster.duckdb", str(lake / "spymaster.duckdb")), {})
    assert "ESZ5" in capsys.readouterr().out


@pytest.mark.long
def test_benchmark_runs_small() -> None:
    line = next(line for line in commands() if line.startswith(BENCH))
    program, *arguments = shlex.split(line.removeprefix(BENCH))
    assert program == "python"
    small = ["--records", "20000", "--rounds", "1", "--only", "zstd,vendor_ndarray,stream"]
    done = subprocess.run(
        [sys.executable, *arguments, *small],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all engine outputs in memory" in done.stdout


def test_speed_table_is_filled_in() -> None:
    speed = PAGES[DOCS / "benchmarks.md"]
    rows = [line for line in speed.splitlines() if line.startswith("| ")]
    assert len(rows) > 10
    assert sum(line.endswith(("| yes |", "| no |")) for line in rows) >= 8


def test_demo_does_not_touch_other_data(tmp_path: Path) -> None:
    (tmp_path / "bronze" / "source=databento").mkdir(parents=True)
    done = run_line(DEMO, tmp_path, tmp_path)
    assert done.returncode == 1
    assert "SPYMASTER_LAKE" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1

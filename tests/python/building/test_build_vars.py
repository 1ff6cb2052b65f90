"""The vars of a build are checked before they reach SQL."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, PROJECT_ROOT, Lake
from spymaster_warehouse.build_vars import DateRange, build_vars_of, date_range_of, require_vars
from spymaster_warehouse.project_vars import project_vars
from spymaster_warehouse.var_kinds import Fields
from spymaster_warehouse.var_rules import RULES
from support.parsed_project import parsed_project

FIRST, LAST = dt.date(2025, 10, 1), dt.date(2025, 10, 3)


def given(text: str) -> DateRange:
    return date_range_of(build_vars_of(["--select", "silver", "--vars", text]))


def test_without_vars_nothing_is_bounded() -> None:
    assert date_range_of(build_vars_of(["--select", "silver"])) == DateRange(None, None, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{start_date: 2025-10-01}", DateRange(FIRST, None, ())),
        ("{start_date: '2025-10-01', end_date: 2025-10-03}", DateRange(FIRST, LAST, ())),
        ('{"symbols": ["ESZ5", "NQZ5"]}', DateRange(None, None, ("ESZ5", "NQZ5"))),
        ("symbols: ESZ5", DateRange(None, None, ("ESZ5",))),
        ("test_all: true", DateRange(None, None, ())),
        ("{start_date: null}", DateRange(None, None, ())),
    ],
)
def test_dates_and_symbols_are_read(text: str, expected: DateRange) -> None:
    assert given(text) == expected


def test_both_spellings_of_the_option_are_read() -> None:
    assert build_vars_of(["--vars=symbols: ESZ5", "--vars", "test_all: true"]) == {
        "symbols": "ESZ5",
        "test_all": True,
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{strat_date: 2025-10-01}", "there is no var 'strat_date' (did you mean 'start_date'?)"),
        ("{zzz: 1}", "there is no var 'zzz' (vars are those of dbt_project.yml)"),
        ("{start_date: \"2099-01-01' or '1'='1\"}", "is no date (dates are YYYY-MM-DD)"),
        ("{end_date: 20251001}", "end_date: 20251001 is no date"),
        ("{end_date: 2025-13-01}", "dates are YYYY-MM-DD"),
        ("{start_date: 2025-10-01T00:00:00}", "is no date"),
        ("{start_date: 2025-10-02, end_date: 2025-10-01}", "is before start_date 2025-10-02"),
        ('{symbols: ["ES\' or 1=1"]}', "is no symbol"),
        ("{symbols: [5]}", "5 is no symbol"),
        ("start_date", "is no mapping"),
        ("[1]", "is no mapping"),
        ("{", "is no mapping"),
    ],
)
def test_what_is_no_var_or_no_date_is_one_line(text: str, line: str) -> None:
    with pytest.raises(SpymasterError) as refused:
        given(text)
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


# ---- every var has a rule

INJECTION = "x' || (select content from read_text('{file}')) || '"
# values that no var may have
NEVER = {
    "a number that is none": float("nan"),
    "infinity": float("inf"),
    "a negative number": -1,
    "SQL": INJECTION,
    "a list of SQL": [INJECTION, INJECTION],
    "a mapping of SQL": {INJECTION: INJECTION},
    "SQL in braces": "{{ var('symbols') }}",
    "a line break": "s240\n",
    "a date": dt.datetime(2025, 10, 1),
}


def test_every_var_has_a_rule_that_accepts_its_value() -> None:
    assert RULES.keys() == project_vars().keys()
    require_vars(project_vars())


@pytest.mark.parametrize("value", NEVER.values(), ids=NEVER)
def test_no_var_takes_what_is_no_value_of_it(value: Any) -> None:
    for name, default in project_vars().items():
        for given in (value, _within(default, value)):
            with pytest.raises(SpymasterError) as refused:
                require_vars({name: given})
            assert name in str(refused.value)
            assert "\n" not in str(refused.value)
            assert len(str(refused.value)) < 600


def _within(default: Any, value: Any) -> Any:
    """Return a var's value with one of its parts replaced."""
    if isinstance(default, dict) and default:
        first = next(iter(default))
        return {**default, first: _within(default[first], value)}
    return [value, *default[1:]] if isinstance(default, list) else value


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("retrieval_k: -1", "retrieval_k: -1 is no whole number from 1 to 10,000,000"),
        ("retrieval_k: .nan", "retrieval_k: nan is no whole number"),
        ("base_rate_weight: .inf", "base_rate_weight: inf is no number from 0 to"),
        ("retrieval_k: true", "retrieval_k: True is no whole number"),
        ("test_all: 1", "test_all: 1 is no value of true, false"),
        ("rth_end: 12:30", "rth_end: 750 is no time of day such as '09:30', in quotes"),
        ("local_tz: Mars/Olympus", "local_tz: 'Mars/Olympus' is no time zone"),
        ("calibration_mode: none", "is no value of auto, prior_sessions, intraday_expanding"),
        ("sign_convention: mine", "is no value of dealers_long_calls_short_puts, "),
        ("hnsw: {m: 32}", "is no mapping with the keys m, ef_construction"),
        ("fingerprints: 5", "fingerprints: 5 is no mapping with the keys max_ticks"),
        ("trigger_threshold_grid: {p_top1_min: [2], margin_min: [0]}", "grid.p_top1_min: [2] is"),
        ("condition_distances_ticks: [4, 2]", "each above the one before"),
        ("barrier_ticks_range: [9, 4]", "[9, 4] is no pair [from, to]"),
        ("learned_horizon: s999", "no horizon 's999' (vars horizons_s and horizon_bars make s120"),
        ("{horizons_s: {s60: 60}, signal_horizon: s240}", "signal_horizon: there is no horizon"),
    ],
)
def test_a_value_that_a_var_cannot_have_is_one_line(text: str, line: str) -> None:
    with pytest.raises(SpymasterError) as refused:
        build_vars_of(["--vars", text])
    assert line in str(refused.value)


def test_horizons_may_be_defined_and_named_at_once() -> None:
    given = "{horizons_s: {s60: 60}, signal_horizon: s60, retrieval_horizons: [s60, h6]}"
    assert build_vars_of(["--vars", given])["signal_horizon"] == "s60"


def test_rules_of_mappings_name_every_key() -> None:
    for name, rule in RULES.items():
        if isinstance(rule, Fields):
            assert rule.rules.keys() == project_vars()[name].keys()


def test_a_plain_dbt_refuses_a_var_before_it_reaches_sql(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Dbt itself, without the command of Spymaster, and with a connection of its own."""
    secret = tmp_path / "secret.txt"
    secret.write_text("of another program")
    lake = Lake(tmp_path / "lake")
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    monkeypatch.setattr(DuckDBConnectionManager, "_ENV", None)
    project = ["--project-dir", str(PROJECT_ROOT), "--profiles-dir", str(PROJECT_ROOT)]
    paths = ["--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs")]
    given = json.dumps({"learned_horizon": INJECTION.format(file=secret)})
    query = ["show", "--inline", "select '{{ var(\"learned_horizon\") }}' as horizon"]
    run = dbtRunner(parsed_project()).invoke([*query, "--vars", given, *project, *paths])
    printed = capsys.readouterr()
    assert not run.success
    assert "learned_horizon: " in printed.out + str(run.exception)
    assert "is no horizon such as s240" in printed.out + str(run.exception)
    assert secret.read_text() not in printed.out
    assert not lake.warehouse.exists()

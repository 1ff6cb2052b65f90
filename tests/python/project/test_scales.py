"""Every element of every vector has a scale, and none depends on the price or the date as such."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import duckdb
import pyarrow as pa
import pytest
from spymaster_ingest.lake import PROJECT_ROOT
from support.inline_query import Ask

SCALES = {"ratio", "log", "ticks", "z", "prob", "time"}
TICK_INT = 250_000_000
OPEN = datetime(2025, 10, 1, 13, 30)
N_BARS = 300
# lists of names by vector, as SQL with the project's macros
NAMES = {
    "trigger down": "{{ sql_list(vector_rows('down')) }}",
    "trigger up": "{{ sql_list(vector_rows('up')) }}",
    "context": "{{ sql_list(context_features().keys() | list) }}",
    "retrieval": "{{ sql_list(moment_features()) }}",
    "market": "{{ sql_list(market_vector_elements().keys() | list) }}",
}
BARS = ("trigger", "confirm", "lookback")
# words of names that hold a price, contracts or the clock as such
RAW = re.compile(r"(^|_)(price|qty|int|ts|(volume|count)(_call|_put)?)(_eob|_sum)?$")
Row = dict[str, object]
Tables = dict[str, list[Row]]


@pytest.fixture(scope="module")
def seed() -> dict[str, dict[str, str]]:
    with (PROJECT_ROOT / "seeds" / "feature_names.csv").open(newline="") as lines:
        return {row["name"]: row for row in csv.DictReader(lines)}


@pytest.mark.parametrize(
    ("by_rank", "by_price"), [("ofi_l10", "ofi_price_10t"), ("ofi_l10_sum", "ofi_price_10t_sum")]
)
def test_order_flow_by_rank_says_that_it_restates_price(
    seed: dict[str, dict[str, str]], by_rank: str, by_price: str
) -> None:
    assert "nearly restates the change of the mid" in seed[by_rank]["description"]
    assert f"{by_price} counts by price" in seed[by_rank]["description"]
    assert by_price in seed


def setup_columns(ask: Ask) -> list[str]:
    """Feature columns of setup_vectors by the macros that make them."""
    names = []
    for signal in ("signed_distance", "pressure"):
        is_distance = str(signal == "signed_distance").lower()
        operators = f"{{{{ sql_list(setup_operators('p', 's', {is_distance}).keys() | list) }}}}"
        found = ask(f"select unnest({operators}) as name")
        names += [f"{signal}_{row['name']}_{bar}" for bar in BARS for row in found]
    return names


def test_every_element_has_a_scale(ask: Ask, seed: dict[str, dict[str, str]]) -> None:
    vectors = {
        vector: [row["name"] for row in ask(f"select unnest({names}) as name")]
        for vector, names in NAMES.items()
    }
    vectors["setup"] = setup_columns(ask)
    sizes = {vector: len(names) for vector, names in vectors.items()}
    assert sizes == {
        "trigger down": 100,
        "trigger up": 96,
        "context": 16,
        "retrieval": 9,
        "market": 130,
        "setup": 90,
    }
    for vector, names in vectors.items():
        assert len(set(names)) == len(names), vector
        for name in names:
            assert seed[name]["scale"] in SCALES, f"{vector}: {name}"
            assert not RAW.search(name), f"{vector}: {name}"
            assert not seed[name]["unit"].startswith(("contracts", "points")), name
    listed = {name for name, row in seed.items() if row["relation"] == "setup_vectors"}
    assert listed == set(vectors["setup"])
    # what is listed for a vector stands in one
    of_market = {name for name, row in seed.items() if row["relation"] == "market_feature_vectors"}
    assert of_market == set(vectors["market"]) - {"above_score", "below_score"}


@pytest.mark.parametrize("name", ["mid_price_eob", "depth_bid10_qty_eob", "trade_volume_sum"])
def test_raw_names_are_recognised(name: str, seed: dict[str, dict[str, str]]) -> None:
    assert RAW.search(name)
    assert seed[name]["scale"] == ""


def test_families_of_combined_vectors_are_those_of_the_seed(
    ask: Ask, seed: dict[str, dict[str, str]]
) -> None:
    found = []
    for family in ("level", "market", "option"):
        names = f"{{{{ sql_list(combined_context_elements('{family}')) }}}}"
        found += [(row["name"], family) for row in ask(f"select unnest({names}) as name")]
    assert len(found) == 16
    for name, macro in (("market", "market_features"), ("option", "option_market_features")):
        elements = f"{{{{ sql_list({macro}().keys() | list) }}}}"
        found += [(row["name"], name) for row in ask(f"select unnest({elements}) as name")]
    assert [seed[name]["family"] for name, _ in found] == [family for _, family in found]


def formulas(ask: Ask, macro: str) -> list[str]:
    """SQL of the elements that a macro names."""
    found = ask(f"select unnest({{{{ sql_list({macro}().values() | list) }}}}) as formula")
    return [row["formula"] for row in found]


def drawn_day(elements: Sequence[str]) -> Tables:
    """Rows of a day with the columns that formulas read, drawn: `bars` and what is joined to it."""
    random = Random(7)
    used = sorted({pair for sql in elements for pair in re.findall(r"\b([a-z_]+)\.(\w+)", sql)})
    tables: Tables = {}
    for i in range(N_BARS):
        rows: dict[str, Row] = {}
        mid = 25_000 + random.randrange(-60, 60) / 2
        for table, column in used:
            drawn: object = random.choice((None, random.uniform(-1, 1), random.uniform(-1, 1)))
            if column in ("mid_price_eob", "microprice_eob"):
                drawn = mid * TICK_INT / 1e9
            elif column in ("trade_last_price_int", "level_price_int"):
                drawn = (25_000 + random.randrange(-60, 60)) * TICK_INT
            elif column == "tick_int":
                drawn = TICK_INT
            elif column == "sign":
                drawn = random.choice((-1, 1))
            elif column == "start_ts":
                drawn = OPEN
            elif column in ("bar_start_ts", "bar_end_ts"):
                drawn = OPEN + timedelta(seconds=5 * i + 5 * (column == "bar_end_ts"))
            elif re.search(r"qty|count|volume|ticks|max_level", column):
                drawn = random.randrange(0, 500)
            rows.setdefault(table, {})[column] = drawn
        for table, row in rows.items():
            tables.setdefault(table, []).append(row)
    return tables


def moved(tables: Tables, ticks: int, days: int) -> Tables:
    """The same day with all prices moved by ticks, and all times by days."""

    def value(column: str, old: object) -> object:
        if isinstance(old, datetime):
            return old + timedelta(days=days)
        if column in ("mid_price_eob", "microprice_eob"):
            return float(str(old)) + ticks * TICK_INT / 1e9
        if column.endswith("price_int"):
            return int(str(old)) + ticks * TICK_INT
        return old

    return {
        table: [{name: value(name, old) for name, old in row.items()} for row in rows]
        for table, rows in tables.items()
    }


def vectors_of(elements: Sequence[str], tables: Tables) -> list[tuple]:
    """Values of the formulas, one tuple per bar."""
    with duckdb.connect() as connection:
        for table, rows in tables.items():
            columns = [("number", pa.int64()), *((name, _type(name)) for name in rows[0])]
            numbered = [{"number": i, **row} for i, row in enumerate(rows)]
            connection.register(table, pa.Table.from_pylist(numbered, pa.schema(columns)))
        first, *others = tables
        joined = " ".join(f'join "{table}" using (number)' for table in others)
        selected = ", ".join(f"cast({sql} as float)" for sql in elements)
        query = f'select {selected} from "{first}" {joined} order by number'
        return connection.execute(query).fetchall()


def _type(column: str) -> pa.DataType:
    if column.endswith("_ts"):
        return pa.timestamp("us")
    return pa.int64() if column.endswith("_int") or column == "sign" else pa.float64()


@pytest.mark.parametrize("macro", ["market_vector_elements", "setup_signals"])
@pytest.mark.parametrize(("ticks", "days"), [(400, 0), (-3_001, 0), (0, 7)])
def test_vectors_do_not_move_with_the_price_or_the_week(
    ask: Ask, macro: str, ticks: int, days: int
) -> None:
    elements = formulas(ask, macro)
    day = drawn_day(elements)
    vectors = vectors_of(elements, day)
    assert len(vectors) == N_BARS
    assert all(any(vector[i] is not None for vector in vectors) for i in range(len(elements)))
    assert vectors_of(elements, moved(day, ticks, days)) == vectors


def test_a_price_among_the_elements_moves() -> None:
    elements = ["bars.mid_price_eob"]
    day = drawn_day(elements)
    assert vectors_of(elements, moved(day, 400, 0)) != vectors_of(elements, day)

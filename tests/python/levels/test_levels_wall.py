"""A wall two points past a level: which features show it, in rises and in falls.

The same calm book with and without 400 contracts that rest 8 ticks past the level all day.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import log, log1p
from pathlib import Path

import duckdb
import pytest
from spymaster_ingest.lake import Lake
from support import surface_lakes
from support.strategies.surface_books import Books, Row, random_books
from support.strategies.surface_market import BookShape
from support.surface_changes import renamed

WALL_QTY, WALL_RHO, ZONE_TICKS, WINDOW_S = 400, 8, 20, 5
START, SECONDS, SEED = datetime(2024, 5, 7, 13, 31), 900, 3
WALL_MAX_TICKS, TICK_INT = 70, BookShape.tick_int
VARIABLES = {
    "wall_max_ticks": WALL_MAX_TICKS,
    "level_max_k_ticks": 45,
    "calibration_warm_up_s": 60,
    # price seldom moves far in a few minutes of books
    "approach_sigma": 0.1,
}
MODELS = (
    "vacuum_cells_1s",
    "radar_vacuum_1s",
    "vacuum_metrics_1s+1",
    "norm_quantiles",
    "physics_calibration_modes",
    "vacuum_surface_1s",
    "physics_bands_1s",
    "level_offset_1s",
    "approach_windows_5s",
    "approach_course_1s",
    "level_decisions",
    "level_anchors_1s",
    "usual_depth_1s",
    "level_book_1s",
    "level_corridor_1s",
    "mbo_level_vacuum_5s",
    "mbo_trigger_vectors",
    "mbo_trigger_vector_features",
)

# columns of the corridor that show a wall past the level, wherever spot is
BEYOND = (
    "beyond_depth_per_tick",
    "beyond_rel_depth",
    "beyond_corridor_log",
    "beyond_max_depth",
    "beyond_max_rho",
    "beyond_wall_ratio",
    "beyond_wall_offset",
    "beyond_wall_depth",
    "beyond_wall_from_ticks",
    "beyond_wall_to_ticks",
)
WALL_PLACE = {f"beyond_wall_{name}" for name in ("offset", "from_ticks", "to_ticks")}
# the wall is on the rung two points past the level
WALL_RUNG = 2
# and columns that show it while it is within 20 ticks of spot
NEAR_SPOT = ("spot_depth_per_tick", "corridor_rel_depth")
# distances from the level of the nearest depth
AT, NEAR = range(3), range(3, 6)
# by direction: features that contain depth resting past the level, their part and its sign;
# features that combine it with flow; the first letter of the features of its vectors
RESTING = {
    1: {
        "u1_ask_com_disp_log": ("com", 1),
        "u3_ask_at_share_decay": ("at", -1),
        "u3_ask_near_share_decay": ("near", -1),
        "u6_ask_pull_intensity_log_rest": ("intensity", 1),
    },
    -1: {
        "f3_bid_com_disp_log": ("com", 1),
        "f3_bid_at_share_delta": ("at", 1),
        "f3_bid_near_share_delta": ("near", 1),
        "f4_bid_pull_intensity_log_rest": ("intensity", 1),
    },
}
COMPOSED = {
    1: ("u15_up_expansion_log", "u17_up_total_log"),
    -1: ("f5_vacuum_expansion_log", "f7_vacuum_total_log"),
}
FAMILY = {1: "u", -1: "f"}
# elements of the context, and scores of the surface at spot, which reaches 20 ticks
CONTEXT = {
    "beyond_rel_depth",
    "beyond_corridor_log",
    "beyond_max_depth_log",
    "beyond_max_rho_share",
}
SCORE = {1: "above_score", -1: "below_score"}


# rows of the wall by second and side
Cells = dict[tuple[datetime, str], list[Row]]


@dataclass(frozen=True)
class Case:
    """A level that price approaches and a wall behind it.

    Attributes:
        level_id: the level.
        sign: 1 for a level approached from below, -1 from above.
        reach_ticks: distance from the furthest spot of the day to the level.
        walled: symbol of the contract with the wall.
    """

    level_id: str
    sign: int
    reach_ticks: int
    walled: str

    @property
    def letter(self) -> str:
        """Side of the book that defends the level."""
        return "A" if self.sign > 0 else "B"


PLAIN = "PLAIN"
# the wall of a near level is within 20 ticks of spot, the wall of a far level is not
NEAR_REACH, FAR_REACH = 1, ZONE_TICKS - WALL_RHO + 1
ALL_CASES = (
    Case("pm_high", 1, NEAR_REACH, "UPNEAR"),
    Case("pm_low", -1, NEAR_REACH, "DNNEAR"),
    Case("or_high", 1, FAR_REACH, "UPFAR"),
    Case("or_low", -1, FAR_REACH, "DNFAR"),
)
CASES = pytest.mark.parametrize("case", ALL_CASES, ids=lambda case: case.walled)


@pytest.fixture(scope="module")
def books() -> Books:
    shape = BookShape(wall_max_ticks=WALL_MAX_TICKS, levels=50, calm=True)
    return random_books(SEED, SECONDS, start=START, shape=shape)


def level_tick(books: Books, case: Case) -> int:
    """A tick that price never passes; no quote of either side reaches the wall."""
    spots = [case.sign * row["spot_ref_price_int"] // books.tick_int for row in books.snapshot]
    tick = case.sign * (max(spots) + case.reach_ticks)
    best = "best_ask_price_int" if case.sign > 0 else "best_bid_price_int"
    quotes = [case.sign * row[best] // books.tick_int for row in books.snapshot]
    assert max(quotes) < case.sign * tick + WALL_RHO
    return tick


def with_wall(books: Books, case: Case) -> Books:
    price = (level_tick(books, case) + case.sign * WALL_RHO) * books.tick_int
    rest = dict.fromkeys(("depth_qty_start", "depth_qty_end", "depth_qty_rest"), WALL_QTY)
    rows = {
        row["window_start_ts"]: row
        for row in books.wall
        if (row["side"], row["price_int"]) == (case.letter, price)
    }
    others = [row for row in books.wall if (row["side"], row["price_int"]) != (case.letter, price)]
    empty = {name: 0 for name in books.wall[0] if "_qty" in name or name == "order_count_end"}
    walled = []
    for second in books.snapshot:
        place = {
            "side": case.letter,
            "price_int": price,
            "rel_ticks": (price - second["spot_ref_price_int"]) // books.tick_int,
        }
        row = rows.get(second["window_start_ts"], books.wall[0] | second_of(second) | empty | place)
        walled.append(row | {name: row[name] + more for name, more in rest.items()})
    return replace(books, wall=others + walled)


def second_of(snapshot: Row) -> Row:
    names = ("window_start_ts", "window_end_ts", "spot_ref_price_int", "window_valid")
    return {name: snapshot[name] for name in names}


@pytest.fixture(scope="module")
def database(books: Books, tmp_path_factory: pytest.TempPathFactory) -> Path:
    contracts = [
        renamed(books, PLAIN),
        *(renamed(with_wall(books, case), case.walled) for case in ALL_CASES),
    ]
    lake = Lake(tmp_path_factory.mktemp("wall") / "lake")
    surface_lakes.write_engine_tables(
        lake,
        [surface_lakes.BookDay("ES", symbol) for symbol in contracts],
        {("ES", books.dt): PLAIN},
    )
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(surface_lakes.NO_TRADES)
        connection.execute(
            "create table silver.levels_1s (symbol varchar, dt date, window_end_ts timestamp, "
            "level_id varchar, level_tick bigint, level_price_int bigint, is_active boolean, "
            "is_primary boolean)"
        )
        for case in ALL_CASES:
            tick = level_tick(books, case)
            connection.execute(
                "insert into silver.levels_1s select symbol, dt, window_end_ts, ?, ?, ?, "
                "true, true from silver.book_snapshot_1s",
                [case.level_id, tick, tick * books.tick_int],
            )
        for relation in ("levels_1s", "book_snapshot_1s"):
            connection.execute(
                "insert into meta.partition_state select distinct ?, symbol, dt, 'books', '' "
                "from silver.book_snapshot_1s",
                [relation],
            )
    return surface_lakes.run_models(lake, MODELS, **VARIABLES)


def rows_of(database: Path, relation: str, symbol: str, case: Case) -> dict[datetime, Row]:
    """Rows of a level by the end of their window."""
    with duckdb.connect(str(database), read_only=True) as connection:
        table = connection.execute(
            f"select * exclude (symbol) from {relation} where symbol = ? and level_id = ?",
            [symbol, case.level_id],
        ).to_arrow_table()
    return {row["window_end_ts"]: row for row in table.to_pylist()}


def pairs(database: Path, relation: str, case: Case) -> list[tuple[Row, Row]]:
    """Rows of a level without and with the wall, for the same windows."""
    plain, walled = (rows_of(database, relation, name, case) for name in (PLAIN, case.walled))
    assert plain.keys() == walled.keys()
    return [(plain[end], walled[end]) for end in sorted(plain)]


def differing(plain: Row, walled: Row) -> set[str]:
    return {name for name in plain if plain[name] != walled[name]}


@CASES
def test_the_wall_shows_beyond_the_level_only(database: Path, books: Books, case: Case) -> None:
    price = (level_tick(books, case) + case.sign * WALL_RHO) * books.tick_int
    others = {
        cell["window_end_ts"]: cell["depth_qty_end"]
        for cell in books.wall
        if (cell["side"], cell["price_int"]) == (case.letter, price)
    }
    compared = emptied = stood_there = 0
    for plain, walled in pairs(database, "silver.level_corridor_1s", case):
        is_near_spot = abs(plain["k_ticks"]) + WALL_RHO <= ZONE_TICKS
        assert is_near_spot == (case.reach_ticks == NEAR_REACH)
        expected = {*BEYOND, *(NEAR_SPOT if is_near_spot else ())}
        # an empty corridor has no depth to compare with, and no share of it
        if plain["corridor_depth_per_tick"] is None:
            expected.remove("beyond_corridor_log")
        if not plain["corridor_depth_per_tick"]:
            expected.discard("corridor_rel_depth")
        # a share equal to the share of the wall alone stays the same
        of_the_wall = pytest.approx(ZONE_TICKS / (ZONE_TICKS + 1), rel=1e-12)
        if is_near_spot and plain["beyond_rel_depth"] == of_the_wall:
            expected -= {"beyond_rel_depth"} - differing(plain, walled)
        if plain["beyond_max_rho"] == WALL_RHO:
            expected.remove("beyond_max_rho")
            stood_there += 1
        # the first seconds have no usual depth; the wall may stand on the highest rung
        if plain["beyond_wall_ratio"] is None:
            expected -= {"beyond_wall_ratio", "beyond_wall_depth", *WALL_PLACE}
        elif plain["beyond_wall_offset"] == case.sign * WALL_RUNG:
            expected -= WALL_PLACE
        assert walled["beyond_wall_offset"] in (None, case.sign * WALL_RUNG)
        assert differing(plain, walled) == expected
        at_wall = WALL_QTY + others.get(plain["window_end_ts"], 0)
        assert plain["beyond_max_depth"] < WALL_QTY <= walled["beyond_max_depth"] == at_wall
        assert walled["beyond_max_rho"] == WALL_RHO
        more = walled["beyond_depth_per_tick"] - plain["beyond_depth_per_tick"]
        assert more == pytest.approx(WALL_QTY / (ZONE_TICKS + 1), abs=1e-12)
        more = walled["spot_depth_per_tick"] - plain["spot_depth_per_tick"]
        assert more == pytest.approx(is_near_spot * WALL_QTY / ZONE_TICKS, abs=1e-12)
        compared += 1
        emptied += plain["corridor_depth_per_tick"] is None
    assert compared - stood_there > 200
    assert (emptied > 0) == (case.reach_ticks == NEAR_REACH)


def resting_features(
    cells_of: Cells, level: int, case: Case, row: Row, wall_qty: int
) -> dict[str, float]:
    """The features of the defending side that contain resting depth, with a wall of some size."""
    seconds = [row["window_end_ts"] - timedelta(seconds=back) for back in range(WINDOW_S, 0, -1)]
    cells = [
        (case.sign * (cell["price_int"] // TICK_INT - level), cell)
        for second in seconds
        for cell in cells_of[second, case.letter]
    ]
    pulled = sum(cell["pull_qty_rest"] for ticks, cell in cells if 0 <= ticks <= ZONE_TICKS)
    depth, centre, shares = [], [], []
    for moment, second in (("start", seconds[0]), ("end", seconds[-1])):
        resting = [
            (ticks, cell[f"depth_qty_{moment}"])
            for ticks, cell in cells
            if cell["window_start_ts"] == second and 0 <= ticks <= ZONE_TICKS
        ] + [(WALL_RHO, wall_qty)]
        total = sum(qty for _, qty in resting)
        depth.append(total)
        centre.append(sum(t * qty for t, qty in resting) / total if total else ZONE_TICKS)
        shares.append(
            [sum(q for t, q in resting if t in ticks) / (total + 1) for ticks in (AT, NEAR)]
        )
    return {
        "com": log((centre[1] + 1) / (centre[0] + 1)),
        "at": shares[1][0] - shares[0][0],
        "near": shares[1][1] - shares[0][1],
        "intensity": log1p(pulled / (depth[0] + 1)),
    }


@CASES
def test_a_static_wall_enters_the_features_as_resting_depth_only(
    database: Path, books: Books, case: Case
) -> None:
    """Exactly by its share of the depth; features of flows or quotes stay the same."""
    resting = RESTING[case.sign]
    names = {*resting, *COMPOSED[case.sign]}
    level = level_tick(books, case)
    cells_of = defaultdict(list)
    for cell in books.wall:
        cells_of[cell["window_start_ts"], cell["side"]].append(cell)
    compared, largest = 0, 0.0
    for plain, walled in pairs(database, "silver.mbo_level_vacuum_5s", case):
        if not plain["window_valid"]:
            continue
        changed = {
            name.removeprefix("d1_").removeprefix("d2_").removeprefix("d3_")
            for name in differing(plain, walled)
        }
        assert {name for name in changed if name[0] == FAMILY[case.sign]} <= names
        for row, wall_qty in ((plain, 0), (walled, WALL_QTY)):
            expected = resting_features(cells_of, level, case, row, wall_qty)
            for name, (part, sign) in resting.items():
                assert row[name] == pytest.approx(sign * expected[part], abs=1e-12), name
        centre = next(iter(resting))
        for name in COMPOSED[case.sign]:
            more, own = (walled[n] - plain[n] for n in (name, centre))
            assert more == pytest.approx(own, abs=1e-12)
        largest = max(largest, abs(walled[centre] - plain[centre]))
        compared += 1
    assert compared > 50
    assert largest > 0.01


@CASES
def test_the_context_of_a_vector_shows_the_wall(database: Path, case: Case) -> None:
    direction = "up" if case.sign > 0 else "down"
    features = surface_lakes.ask(
        database,
        "select set, base_feature, feature_name from gold.mbo_trigger_vector_features "
        f"where direction = '{direction}' and set in ('vector', 'context') order by feature_index",
    )
    vector_of = [base for kind, base, _ in features if kind == "vector"]
    context_of = [name for kind, _, name in features if kind == "context"]
    may_change = {*RESTING[case.sign], *COMPOSED[case.sign]}
    compared = 0
    for plain, walled in pairs(database, "gold.mbo_trigger_vectors", case):
        # at the level and past it the wall lies in the zones of spot and level alike
        if plain["decision_phase"] in ("at", "through", "back"):
            continue
        assert plain["approach_dir"] == f"approach_{direction}"
        changed = differing_elements(vector_of, plain, walled, f"vector_{direction}")
        assert changed <= may_change
        changed = differing_elements(context_of, plain, walled, "context")
        before, after = (dict(zip(context_of, r["context"], strict=True)) for r in (plain, walled))
        at_wall = pytest.approx(WALL_RHO / ZONE_TICKS)
        assert changed >= {n for n in CONTEXT if before[n] is not None and before[n] != at_wall}
        assert after["beyond_max_rho_share"] == at_wall
        near = {"corridor_rel_depth", SCORE[case.sign]} if case.reach_ticks == NEAR_REACH else set()
        assert changed <= CONTEXT | near
        compared += 1
    assert compared > 5


def differing_elements(names: list[str], plain: Row, walled: Row, column: str) -> set[str]:
    values = zip(names, plain[column], walled[column], strict=True)
    return {name for name, one, other in values if one != other}

"""``spymaster compare``: numbers counted by hand, a plain twin, and a real hour."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from naive.order_flow import PlainFlow
from spymaster.commands.compare import command
from spymaster.comparison.order_flow import OrderFlow, measure
from spymaster.comparison.table import compare, findings
from spymaster_ingest.dbn.reader import DbnFile
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.synthetic import SyntheticMarket, raw_path, write_day
from support.dbn_files import DAY_START_NS, SECOND_NS, SYMBOLS, TICK, mbo, plain, trades
from support.strategies.mbo import random_options, random_stream
from support.synthetic_book import DAY, ES, SHORT

REAL = "es_mbo/esh4-glbx-mdp3-20231225.mbo.dbn.zst"
NOON_NS = DAY_START_NS + 12 * 3600 * SECOND_NS
MS = 1_000_000
# ms after noon, action, side, order, price in ticks, size
STORY = (
    (0, "A", "B", 1, 1000, 5),
    (0, "A", "A", 2, 1001, 3),
    (100, "A", "B", 3, 998, 2),
    (300, "A", "A", 4, 1003, 4),
    # a trade fills order 2 whole: its C is no cancellation
    (700, "T", "B", 9, 1001, 3),
    (700, "F", "A", 2, 1001, 3),
    (700, "C", "A", 2, 1001, 3),
    # the look at the end of the second: bids at 1000 and 998, an ask at 1003
    (1_500, "M", "B", 3, 999, 2),
    # withdrawn half a second after it came to its price, and a part 1.9 s after it arrived
    (2_000, "C", "B", 3, 999, 2),
    (2_200, "C", "A", 4, 1003, 1),
)


def records(*story: tuple[int, str, str, int, int, int]) -> np.ndarray:
    ms, action, side, order_id, tick, size = (np.array(c) for c in zip(*story, strict=True))
    made = mbo(len(story), order_id=order_id, price=tick * TICK, size=size)
    made["action"], made["side"] = action.astype("S1"), side.astype("S1")
    made["ts_event"] = NOON_NS + ms * MS
    return made


def measured(tmp_path: Path, made: np.ndarray, **options: object) -> OrderFlow:
    return measure(DbnFile(plain(tmp_path / "a.mbo.dbn", made)), **options)


def test_a_story_counted_by_hand(tmp_path: Path) -> None:
    flow = measured(tmp_path, records(*STORY))
    assert flow.symbol == "ESH4"
    assert flow.messages == {"A": 4, "C": 3, "M": 1, "F": 1, "T": 1}
    assert (flow.gaps_ns // MS).tolist() == [100, 200, 400, 800, 500, 200]
    assert (flow.ages_ns // MS).tolist() == [500, 1_900]
    assert flow.old_cancels == 0
    # Looks after 700, 1500 and 2200 ms, at two sides each. At the touch always one bid and one
    # ask; a second bid two ticks below, then one tick, then none.
    assert flow.orders_by_distance[:4].tolist() == pytest.approx([6 / 6, 1 / 6, 1 / 6, 0])
    assert flow.contracts_by_distance[:3].tolist() == pytest.approx([26 / 6, 2 / 6, 2 / 6])
    assert flow.orders_by_distance[3:].sum() == 0
    assert (flow.end_ns - flow.start_ns) // MS == 2_200


def test_a_part_of_the_story_starts_with_the_book_before_it(tmp_path: Path) -> None:
    between = (NOON_NS + 1_000 * MS, NOON_NS + 2_100 * MS)
    flow = measured(tmp_path, records(*STORY), between_ns=between)
    assert flow.messages == {"A": 0, "C": 1, "M": 1, "F": 0, "T": 0}
    assert (flow.gaps_ns // MS).tolist() == [500]
    assert (flow.ages_ns // MS).tolist() == [500]
    # the look at 2000 ms falls into the second that lasts until 2200, which is not measured
    assert flow.orders_by_distance[:2].tolist() == [1, 0.5]


def test_orders_from_before_the_file_have_no_age(tmp_path: Path) -> None:
    made = records(*STORY)
    made["flags"][:2] = 32
    made["ts_event"][:2] -= 3_600 * SECOND_NS
    made = np.concatenate([made, records((2_300, "C", "B", 1, 1000, 5))])
    flow = measured(tmp_path, made)
    assert flow.messages["A"] == 2
    assert (flow.ages_ns // MS).tolist() == [500, 1_900]
    assert flow.old_cancels == 1
    # The bid side is empty at the end: no look then.
    assert flow.gaps_ns[0] // MS == 200


def test_the_comparison_of_two_stories(tmp_path: Path) -> None:
    first = measured(tmp_path, records(*STORY))
    slow = tuple((2 * ms, *rest) for ms, *rest in STORY)
    other = measured(tmp_path, records(*slow))
    rows = {(row.group, row.quantity): row for row in compare(first, other)}
    assert all(row.ratio == 1 for (group, _), row in rows.items() if group == "message mix")
    share = rows["message mix", "share of A"]
    assert (share.value, share.reference, share.unit) == (40, 40, "%")
    mean = rows["inter-arrival time", "mean"]
    assert (mean.value, mean.reference, mean.ratio) == pytest.approx((2200 / 6, 4400 / 6, 0.5))
    assert rows["inter-arrival time", "50 % quantile"].value == pytest.approx(300)
    assert rows["inter-arrival time", "median over mean"].ratio == pytest.approx(1)
    assert rows["cancel age", "50 % quantile"].value == pytest.approx(1.2)
    words = findings(list(rows.values()), 1.5)
    assert words[0] == "message mix: nothing is more than 1.5 times apart"
    assert "inter-arrival time: mean is 367 ms, 2 times less than 733 ms" in words
    backwards = findings(compare(other, first), 1.5)
    assert "inter-arrival time: mean is 733 ms, 2 times the reference's 367 ms" in backwards
    calm = findings(list(rows.values()), 2.5)
    assert "cancel age: nothing is more than 2.5 times apart" in calm


def test_a_quantity_that_only_one_file_has(tmp_path: Path) -> None:
    first = measured(tmp_path, records(*STORY))
    other = measured(tmp_path, records(*STORY[:4]))
    rows = {(row.group, row.quantity): row for row in compare(first, other)}
    share, age = rows["message mix", "share of C"], rows["cancel age", "mean"]
    assert (share.ratio, share.differs(100)) == (None, True)
    assert (age.reference, age.ratio, age.differs(1.01)) == (None, None, False)
    assert "message mix: share of C is 30 %, that of the reference 0 %" in findings([share], 100)


def _assert_like_the_twin(flow: OrderFlow, twin: PlainFlow) -> None:
    assert flow.gaps_ns.tolist() == twin.gaps
    assert flow.ages_ns.tolist() == twin.ages
    assert flow.old_cancels == twin.old_cancels
    looks = np.array(twin.looks, np.float64).mean(axis=0)
    assert np.allclose(flow.orders_by_distance, looks[0], rtol=1e-12)
    assert np.allclose(flow.contracts_by_distance, looks[1], rtol=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_random_streams_equal_a_plain_replay(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = random_stream(rng, 2_000, random_options(rng, tick_int=TICK))
    made = mbo(drawn.size)
    for name in set(made.dtype.names) & set(drawn.dtype.names) - {"length", "rtype"}:
        made[name] = drawn[name]
    made["instrument_id"] = drawn["instrument_id"][0]
    moments = np.sort(drawn["ts_event"][drawn["flags"] & 32 == 0]).astype(np.int64)
    between = (int(moments[moments.size // 4]), int(moments[3 * moments.size // 4]))
    for limits in ((0, 1 << 62), between):
        twin = PlainFlow(TICK, *limits)
        twin.replay(made)
        for chunk_records in (None, 97):
            flow = measured(tmp_path, made, between_ns=limits, chunk_records=chunk_records)
            _assert_like_the_twin(flow, twin)


def test_real_minutes_equal_a_plain_replay(shared_data: Path) -> None:
    file = DbnFile(shared_data / REAL)
    everything = np.concatenate(list(file.chunks()))
    start = int(np.datetime64("2023-12-25T23:00", "ns").astype(np.int64))
    limits = (start, start + 300 * SECOND_NS)
    flow, twin = measure(file, limits), PlainFlow(TICK, *limits)
    twin.replay(everything)
    _assert_like_the_twin(flow, twin)
    inside = (everything["ts_event"] >= limits[0]) & (everything["ts_event"] < limits[1])
    for action, count in flow.messages.items():
        assert count == np.count_nonzero(everything["action"][inside] == action.encode())
    assert flow.gaps_ns.size > 1_000


def test_command_compares_a_synthetic_day_with_a_real_one(
    shared_data: Path, tmp_path: Path
) -> None:
    market = SyntheticMarket(ES, seed=7, plan=SHORT)
    write_day(market, DAY, tmp_path, schemas=("mbo",))
    synthetic = str(raw_path(tmp_path, "ES", "mbo", DAY))
    hours = ["--start", "09:30:00", "--end", "09:40:00"]
    hours += ["--reference-start", "18:00:00", "--reference-end", "19:00:00"]
    arguments = [synthetic, str(shared_data / REAL), *hours]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    assert "reference: ESH4, 59,142 messages, 2023-12-25T23:00:00" in result.output
    assert "message mix: nothing is more than 1.5 times apart" in result.output
    document = json.loads(CliRunner().invoke(command, [*arguments, "--json"]).output)
    shares = [row for row in document["rows"] if row["group"] == "message mix"]
    assert sum(row["value"] for row in shares) == pytest.approx(100)
    assert sum(row["reference"] for row in shares) == pytest.approx(100)
    assert {row["group"] for row in document["rows"]} == {
        "message mix",
        "inter-arrival time",
        "depth profile",
        "cancel age",
    }
    assert document["file"]["first_ts_event"].startswith("2025-10-01T13:30:00")


def test_files_that_cannot_be_compared_are_errors(tmp_path: Path) -> None:
    sound = plain(tmp_path / "a.mbo.dbn", mbo(4))
    other = plain(tmp_path / "t.trades.dbn", trades(4))
    two = plain(
        tmp_path / "b.mbo.dbn", mbo(4, instrument_id=[1, 2, 2, 2]), symbols={**SYMBOLS, 2: "X"}
    )
    with pytest.raises(SpymasterError, match="holds trades records"):
        measure(DbnFile(other))
    with pytest.raises(SpymasterError, match="several instruments"):
        measure(DbnFile(two))
    with pytest.raises(SpymasterError, match="no event in the time"):
        measure(DbnFile(sound), (0, 1))
    result = CliRunner().invoke(command, [str(sound), str(sound), "--start", "09:30:00"])
    assert isinstance(result.exception, SpymasterError)
    assert "--start and --end" in str(result.exception)

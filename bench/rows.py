"""The rows of the result: their processes, and the use of their numbers."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

DAY, SMALL, REAL = "day", "small", "real"

Run = Mapping[str, Any]
Round = Mapping[str, Run]


@dataclass(frozen=True)
class Case:
    """One process of a round.

    Attributes:
        name: key of its result.
        function: name in ``bench.cases``, or module below ``bench.peers``.
        given: its input.
        packages: requirements of a peer's environment; empty for the project's.
    """

    name: str
    function: str
    given: str
    packages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """One line of the result.

    Attributes:
        number: row number of the README.
        what: the measured work.
        case: process of the published memory.
        seconds: the published time of a round.
        measure: the judged number of a round; None shows no ratio.
        against: meaning of that number.
        goal: bound of that number; None when the row only informs.
        at_most: the goal is an upper bound.
    """

    number: str
    what: str
    case: str
    seconds: Callable[[Round], float] | None
    measure: Callable[[Round], float] | None = None
    against: str = ""
    goal: float | None = None
    at_most: bool = False

    def reached(self, value: float) -> bool | None:
        """Return whether a value meets the goal; None without either."""
        if self.goal is None:
            return None
        return value <= self.goal if self.at_most else value >= self.goal


NAUTILUS = ("nautilus_trader==1.221.0",)
HFTBACKTEST = ("hftbacktest==2.4.4", "databento==0.87.0")

CASES = (
    Case("zstd", "zstd", DAY),
    Case("vendor_ndarray", "vendor_ndarray", DAY),
    Case("stream", "stream", DAY),
    Case("build", "build", DAY),
    Case("build_small", "build", SMALL),
    Case("fingerprints", "fingerprints", DAY),
    Case("fingerprints_small", "fingerprints", SMALL),
    Case("replay", "replay", DAY),
    Case("replay_small", "replay", SMALL),
    Case("stream_small", "stream", SMALL),
    Case("dictionary", "dictionary", SMALL),
    Case("nautilus", "nautilus", DAY, NAUTILUS),
    Case("hftbacktest", "hftbacktest", SMALL, HFTBACKTEST),
    Case("land", "land", DAY),
    Case("land_small", "land", SMALL),
    Case("vendor_parquet", "vendor_parquet", SMALL),
    Case("land_real", "land", REAL),
    Case("generate", "generate", DAY),
    Case("generate_small", "generate", SMALL),
)


def _part(case: str, *parts: str) -> Callable[[Round], float]:
    return lambda found: sum(found[case]["seconds"][part] for part in parts)


def _faster(
    ours: Callable[[Round], float], theirs: Callable[[Round], float]
) -> Callable[[Round], float]:
    return lambda found: theirs(found) / ours(found)


def _megabytes(case: str) -> Callable[[Round], float]:
    return lambda found: found[case]["peak_bytes"] / 1e6


def _thousands_per_second(case: str, part: str) -> Callable[[Round], float]:
    return lambda found: found[case]["numbers"]["records"] / found[case]["seconds"][part] / 1e3


def _size_ratio(case: str) -> Callable[[Round], float]:
    return lambda found: found[case]["numbers"]["bytes"] / found[case]["numbers"]["input_bytes"]


_ZSTD = _part("zstd", "read")
_NDARRAY = _part("vendor_ndarray", "read")
_STREAM = _part("stream", "stream")
_BUILD = _part("build", "build")
_PRINTS = _part("fingerprints", "fingerprints")
_REPLAY = _part("replay", "replay")
_REPLAY_SMALL = _part("replay_small", "replay")
_STREAM_SMALL = _part("stream_small", "stream")
_LAND = _part("land", "land")
_LAND_SMALL = _part("land_small", "land")
_TO_PARQUET = _part("vendor_parquet", "convert")

ROWS = (
    Row("1", "decompress the file (zstd only)", "zstd", _ZSTD),
    Row(
        "2",
        "vendor client, to_ndarray in chunks",
        "vendor_ndarray",
        _NDARRAY,
        _faster(_NDARRAY, _ZSTD),
        "x row 1",
    ),
    Row(
        "3",
        ".dbn.zst to all engine outputs in memory",
        "stream",
        _STREAM,
        _faster(_STREAM, _NDARRAY),
        "x row 2",
        0.65,
    ),
    Row(
        "4a",
        "bronze Parquet to engine outputs in Parquet",
        "build",
        _BUILD,
        _faster(_BUILD, _NDARRAY),
        "x row 2",
        0.35,
    ),
    Row("4b", "memory of row 4a", "build", None, _megabytes("build"), "MB peak", 1000, True),
    Row(
        "4c",
        "memory of row 4a over that of the small day",
        "build_small",
        _part("build_small", "build"),
        lambda found: found["build"]["peak_bytes"] / found["build_small"]["peak_bytes"],
        "x small day",
        1.25,
        True,
    ),
    Row("5", "replay in memory, no surface rows", "replay", _REPLAY),
    Row(
        "5a",
        "the same beside nautilus_trader apply_delta",
        "nautilus",
        _part("nautilus", "apply"),
        _faster(_REPLAY, _part("nautilus", "apply")),
        "x as fast",
        10,
    ),
    Row(
        "5b",
        "the same beside one native apply_deltas for the day",
        "nautilus",
        _part("nautilus", "apply_batch"),
        _faster(_REPLAY, _part("nautilus", "apply_batch")),
        "x as fast",
    ),
    Row(
        "6",
        "row 3 beside nautilus_trader load and apply",
        "nautilus",
        _part("nautilus", "load", "apply"),
        _faster(_STREAM, _part("nautilus", "load", "apply")),
        "x as fast",
        3,
    ),
    Row(
        "6b",
        "the same beside its native load and batch apply",
        "nautilus",
        _part("nautilus", "load_batch", "apply_batch"),
        _faster(_STREAM, _part("nautilus", "load_batch", "apply_batch")),
        "x as fast",
    ),
    Row(
        "7",
        "load, replay and surfaces of the small day beside hftbacktest's conversion",
        "hftbacktest",
        _part("hftbacktest", "convert"),
        _faster(_STREAM_SMALL, _part("hftbacktest", "convert")),
        "x as fast",
    ),
    Row(
        "8",
        "replay of the small day beside plain Python dictionaries",
        "dictionary",
        _part("dictionary", "replay"),
        _faster(_REPLAY_SMALL, _part("dictionary", "replay")),
        "x as fast",
    ),
    Row("9a", "landing, whole day", "land", _LAND),
    Row(
        "9b",
        "landing beside the vendor's to_parquet, small day",
        "land_small",
        _LAND_SMALL,
        _faster(_LAND_SMALL, _TO_PARQUET),
        "x as fast",
        5,
    ),
    Row("9c", "landed size", "land", None, _size_ratio("land"), "x .dbn.zst", 0.65, True),
    Row("9d", "memory of row 9a", "land", None, _megabytes("land"), "MB peak", 400, True),
    Row(
        "10",
        "landed size of a real day (ESH4, 25 December 2023)",
        "land_real",
        _part("land_real", "land"),
        _size_ratio("land_real"),
        "x .dbn.zst",
        0.72,
        True,
    ),
    Row(
        "11a",
        "make the day with the synthetic market, file of orders",
        "generate",
        _part("generate", "generate"),
        _thousands_per_second("generate", "generate"),
        "thousand records/s",
        300,
    ),
    Row(
        "11b",
        "memory of row 11a over that of the small day",
        "generate_small",
        _part("generate_small", "generate"),
        lambda found: found["generate"]["peak_bytes"] / found["generate_small"]["peak_bytes"],
        "x small day",
        1.25,
        True,
    ),
    Row(
        "12a",
        "bronze Parquet to fingerprints in Parquet",
        "fingerprints",
        _PRINTS,
        lambda found: _PRINTS(found) / _BUILD(found),
        "x row 4a",
        1,
        True,
    ),
    Row(
        "12b",
        "memory of row 12a over that of the small day",
        "fingerprints_small",
        _part("fingerprints_small", "fingerprints"),
        lambda found: (
            found["fingerprints"]["peak_bytes"] / found["fingerprints_small"]["peak_bytes"]
        ),
        "x small day",
        1.25,
        True,
    ),
)


def median_over(rounds: list[Round], value: Callable[[Round], float]) -> float | None:
    """Return the median over the rounds in which all its processes have run."""
    values = []
    for found in rounds:
        try:
            values.append(value(found))
        except KeyError:
            continue
    return statistics.median(values) if values else None

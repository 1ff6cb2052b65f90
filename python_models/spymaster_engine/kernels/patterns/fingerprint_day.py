"""Driver of the fingerprint kernels: one pass over the landed records of a contract-day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from spymaster_ingest.units import NS_PER_S, S_PER_DAY

from spymaster_engine.fingerprint_columns import (
    COUNTS,
    ICEBERG_ROW,
    MEASURES,
    NULLABLE_COUNTS,
)
from spymaster_engine.kernels.book.config import BookConfig
from spymaster_engine.kernels.book.engine import BookEngine, Records
from spymaster_engine.kernels.book.kernel_state import NULL
from spymaster_engine.kernels.book.order_store import order_arrays
from spymaster_engine.kernels.patterns.kernel_state import (
    LOOKBACK_S,
    PRINT_ORDER,
    WINDOW_S,
    Limits,
    Lists,
    new_lists,
    new_prints,
)
from spymaster_engine.kernels.patterns.order_records import end_group, observe_prints
from spymaster_engine.kernels.patterns.period_finder import ArrivalPortion, PeriodFinder
from spymaster_engine.kernels.patterns.windows import open_second
from spymaster_engine.kernels.prefetched import prefetched

_NS_PER_MS = 1_000_000
# records between two looks at how much room there is
_PART_RECORDS = 1 << 16
# by index of the side
_SIDES = ("A", "B")


@dataclass(frozen=True)
class FingerprintSettings:
    """What shapes the fingerprints of a contract-day.

    Attributes:
        tick_int: Minimum price increment, 1e-9 units.
        day_start_s: 00:00 UTC of the day, seconds since the epoch.
        surfaces_s: Ranges of seconds for which rows are written, [from, to); None for all.
        max_ticks: Distance from spot up to which orders count.
        requote_ms: Longest time between a take-away and the order that makes up for it.
        requote_max_ticks: Largest distance between the two.
        chase_ms: Longest time after a move of the best quote in which an order follows it.
        withdraw_ms: Longest time after the best quote came nearer in which an order withdraws.
        withdraw_max_ticks: Ticks behind the best quote of which the depth may withdraw.
        refill_ms: Longest time between a fill and the order that refills it.
        periodicity_min_arrivals: Least arrivals of a size in a minute.
        periodicity_sizes: Most sizes that are compared.
        periodicity_fundamental_share: Least coherence of a fundamental, as a share of that of
            its multiple.
        periodicity_fundamental_min: Least coherence of a fundamental.
    """

    tick_int: int
    day_start_s: int
    surfaces_s: Sequence[tuple[int, int]] | None
    max_ticks: int
    requote_ms: int
    requote_max_ticks: int
    chase_ms: int
    withdraw_ms: int
    withdraw_max_ticks: int
    refill_ms: int
    periodicity_min_arrivals: int
    periodicity_sizes: int
    periodicity_fundamental_share: float
    periodicity_fundamental_min: float

    def limits(self) -> Limits:
        """Return the numbers as the kernel takes them."""
        surfaces = self.surfaces_s
        if surfaces is None:
            surfaces = [(self.day_start_s, self.day_start_s + 2 * S_PER_DAY)]
        return Limits(
            max_ticks=self.max_ticks,
            requote_ns=self.requote_ms * _NS_PER_MS,
            requote_ticks=self.requote_max_ticks,
            chase_ns=self.chase_ms * _NS_PER_MS,
            withdraw_ns=self.withdraw_ms * _NS_PER_MS,
            withdraw_ticks=self.withdraw_max_ticks,
            refill_ns=self.refill_ms * _NS_PER_MS,
            min_arrivals=self.periodicity_min_arrivals,
            most_sizes=self.periodicity_sizes,
            fundamental_share=float(self.periodicity_fundamental_share),
            fundamental_min=float(self.periodicity_fundamental_min),
            surface_start_s=np.array([start for start, _ in surfaces], np.int64),
            surface_end_s=np.array([end for _, end in surfaces], np.int64),
        )


class FingerprintedBook(BookEngine):
    """A book engine that notes what each record says about who sent it."""

    def __init__(self, settings: FingerprintSettings) -> None:
        super().__init__(
            BookConfig(
                tick_int=settings.tick_int,
                day_start_ns=settings.day_start_s * NS_PER_S,
                surface_windows_ns=(),
            )
        )
        self._limits = settings.limits()
        self._prints = new_prints()
        self._state = self._state._replace(**order_arrays(len(self._state.orders), PRINT_ORDER))
        self._fresh: list[ArrivalPortion] = []
        self._n_handed, self._n_rows = [0, 0], 0
        self._icebergs: list[np.ndarray] = []

    def _apply(self, columns: tuple[np.ndarray, ...], position: int) -> tuple[int, int]:
        self._make_room_for(len(columns[0]) - position)
        return observe_prints(
            self.kernel_config,
            self._state,
            self._prints,
            self._limits,
            *columns,
            position,
        )

    def portions(self, chunks: Iterable[Records]) -> Iterator[tuple[ArrivalPortion, np.ndarray]]:
        """Yield arrivals and the rows of windows that ended, whose periods are to be filled."""
        for records in chunks:
            for part in _parts_of(records):
                for output in self.feed(part):
                    self.recycle(output)
            yield self._portion()
        self._finish()
        yield self._portion()

    def results(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows of windows and of icebergs."""
        return self._prints.rows[: self._n_rows], np.concatenate(self._icebergs)

    def _portion(self) -> tuple[ArrivalPortion, np.ndarray]:
        self._hand_over()
        asks, bids = (
            np.concatenate([part[side] for part in self._fresh], axis=1) for side in range(2)
        )
        self._fresh.clear()
        begin, self._n_rows = self._n_rows, int(self._prints.scalars[0]["n_rows"])
        return (asks, bids), self._prints.rows[begin : self._n_rows]

    def _finish(self) -> None:
        """End the last group and window."""
        self._make_room_for(0)
        s = self._prints.scalars[0]
        if self._state.scalars["in_group"][0]:
            is_plain = not self._state.scalars["group_is_snapshot"][0]
            end_group(self._state, self._prints, self._limits, is_plain)
        if s["started"]:
            after = (int(s["second"]) // WINDOW_S + 1) * WINDOW_S
            open_second(self._prints, self._limits, np.int64(after), False, np.int64(0))
        self._take_icebergs()

    def _hand_over(self) -> None:
        """Set aside the arrivals since the last time."""
        lists, parts = self._prints.lists, []
        for number, side in enumerate(self._prints.sides):
            fresh = slice(self._n_handed[number], int(side["n_arrivals"]))
            columns = (lists.arrival_clock, lists.arrival_second, lists.arrival_size)
            parts.append(np.stack([column[number, fresh] for column in columns]))
            self._n_handed[number] = int(side["n_arrivals"])
        self._fresh.append((parts[0], parts[1]))

    def _make_room_for(self, records: int) -> None:
        """Give every list room for so many records."""
        self._take_icebergs()
        self._hand_over()
        length = len(self._prints.lists.event_clock)
        if self._longest() + records > length:
            self._drop_old()
            kept = self._longest()
            if kept + records > length:
                longer = _grown(self._prints.lists, kept, 2 * kept + records)
                self._prints = self._prints._replace(lists=longer)

    def _longest(self) -> int:
        """Return the length of the longest list in use."""
        s, sides = self._prints.scalars[0], self._prints.sides
        of_sides = max(int(sides[name].max()) for name in ("n_arrivals", "n_waits"))
        return max(of_sides, *(int(s[name]) for name in ("n_events", "n_taken", "n_prices")))

    def _drop_old(self) -> None:
        """Drop arrivals that are beyond every look-back."""
        oldest = int(self._prints.scalars[0]["second"]) - LOOKBACK_S
        lists = self._prints.lists
        for number, side in enumerate(self._prints.sides):
            n = int(side["n_arrivals"])
            old = int(np.searchsorted(lists.arrival_second[number, :n], oldest))
            for name in ("arrival_clock", "arrival_second", "arrival_size", "arrival_tick"):
                array = getattr(lists, name)[number]
                array[: n - old] = array[old:n]
            side["n_arrivals"] -= old
            side["second_arrivals"] -= old
            self._n_handed[number] -= old

    def _take_icebergs(self) -> None:
        s = self._prints.scalars[0]
        self._icebergs.append(self._prints.lists.iceberg_rows[: s["n_iceberg_rows"]].copy())
        s["n_iceberg_rows"] = 0


def _parts_of(records: Records) -> Iterator[Records]:
    """Cut a chunk into parts, so that lists need room for no more than one."""
    columns = records.columns()
    for start in range(0, len(records), _PART_RECORDS):
        yield Records(*(column[start : start + _PART_RECORDS] for column in columns))


def _grown(lists: Lists, kept: int, length: int) -> Lists:
    """Return longer lists with the first entries of others; nothing waits in hash tables."""
    longer = new_lists(length)
    for name in Lists._fields:
        if not name.startswith("table_"):
            old = getattr(lists, name)[..., :kept]
            getattr(longer, name)[..., : old.shape[-1]] = old
    return longer


def fingerprints_of_orders(
    chunks: Iterable[Records], settings: FingerprintSettings
) -> tuple[np.ndarray, np.ndarray]:
    """Return rows of windows (ROW) and of icebergs (ICEBERG) from records in file order.

    Raises:
        KernelError: The records cannot be turned into a book.
    """
    book, finder = FingerprintedBook(settings), PeriodFinder(settings.limits())
    for arrivals, rows in prefetched(book.portions(chunks)):
        finder.fill(arrivals, rows)
    return book.results()


def window_arrays(rows: np.ndarray) -> dict[str, pa.Array]:
    """Return rows of windows as columns, NULL where a measure is undefined."""
    arrays: dict[str, pa.Array] = {"side": _letters(rows["side"])}
    for name in COUNTS:
        if name != "side":
            values = np.ascontiguousarray(rows[name])
            mask = values == NULL if name in NULLABLE_COUNTS else None
            arrays[name] = pa.array(values, mask=mask)
    for name in MEASURES:
        values = np.ascontiguousarray(rows[name])
        arrays[name] = pa.array(values, mask=np.isnan(values))
    return arrays


def iceberg_arrays(rows: np.ndarray, tick_int: int) -> dict[str, pa.Array]:
    """Return rows of icebergs as columns."""
    arrays: dict[str, pa.Array] = {
        "side": _letters(rows["side"]),
        "price_int": pa.array(rows["tick"] * tick_int),
    }
    for name in ICEBERG_ROW:
        if name not in ("side", "tick"):
            arrays[name] = pa.array(np.ascontiguousarray(rows[name]))
    return arrays


def _letters(sides: np.ndarray) -> pa.Array:
    return pa.array(_SIDES, pa.string()).take(pa.array(np.ascontiguousarray(sides)))

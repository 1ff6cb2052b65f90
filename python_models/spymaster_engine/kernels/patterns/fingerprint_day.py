"""Driver of the fingerprint kernels: a book of a contract-day that notes who sent its orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import pyarrow as pa
from spymaster_ingest.units import NS_PER_S, S_PER_DAY

from spymaster_engine.fingerprint_columns import (
    COUNTS,
    ICEBERG_COUNTS,
    MEASURES,
    NULLABLE_COUNTS,
)
from spymaster_engine.kernels.book.config import BookConfig
from spymaster_engine.kernels.book.engine import BookEngine, Records
from spymaster_engine.kernels.book.kernel_state import DONE, NULL, Output
from spymaster_engine.kernels.book.order_store import order_arrays
from spymaster_engine.kernels.patterns.kernel_state import (
    ICEBERG,
    LOOKBACK_S,
    PRINT_ORDER,
    WINDOW_S,
    Limits,
    Lists,
    Prints,
    new_lists,
    new_prints,
)
from spymaster_engine.kernels.patterns.order_records import (
    close_second,
    end_group,
    observe_prints,
)
from spymaster_engine.kernels.patterns.period_finder import ArrivalPortion
from spymaster_engine.kernels.patterns.windows import open_second

_NS_PER_MS = 1_000_000
_US_PER_S = 1_000_000
# records between two looks at how much room there is
_PART_RECORDS = 1 << 16
# by index of the side
_SIDES = ("A", "B")
_NO_ARRIVALS = np.zeros((3, 0), np.int64)


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


class Portion(NamedTuple):
    """What a book noted since the portion before, in memory of its own.

    Attributes:
        arrivals: of each side: clocks, seconds and sizes of the orders that arrived.
        rows: (n,) ROW, windows that ended, without their periods.
        icebergs: (m,) ICEBERG, of the seconds that ended.
    """

    arrivals: ArrivalPortion
    rows: np.ndarray
    icebergs: np.ndarray


class FingerprintedBook(BookEngine):
    """A book engine that notes what each record says about who sent it.

    Feed chunks in file order with :meth:`observe`, then call :meth:`end`; :meth:`portion` takes
    what was noted. Portions do not depend on how the records are cut into chunks. Live,
    :meth:`end_until` ends seconds by the clock.
    """

    SAVED: ClassVar = (*BookEngine.SAVED, "_idle_from_s", "_noted")

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
        self._n_handed = [0, 0]
        self._icebergs: list[np.ndarray] = []
        # the first second that a clock began after the last record
        self._idle_from_s = 0

    @property
    def has_rows(self) -> bool:
        """Return whether a second or window has rows that were not taken."""
        s = self._prints.scalars[0]
        return bool(s["n_rows"] or s["n_iceberg_rows"] or self._icebergs)

    def observe(self, records: Records) -> None:
        """Apply a chunk of records.

        Raises:
            KernelError: The records cannot be turned into a book.
        """
        for part in _parts_of(records):
            for output in self.feed(part):
                self.recycle(output)

    def end_until(self, second_s: int) -> None:
        """End the seconds up to one by the clock; see :meth:`BookEngine.close`."""
        for output in self.close(second_s):
            self.recycle(output)

    def end(self) -> None:
        """End the last group and window; one that no record used is none."""
        self._make_room_for(0)
        s = self._prints.scalars[0]
        if self._state.scalars["in_group"][0]:
            is_plain = not self._state.scalars["group_is_snapshot"][0]
            end_group(self._state, self._prints, self._limits, is_plain)
        begin_s = int(s["second"]) // WINDOW_S * WINDOW_S
        if s["started"] and not (self._is_idle and self._idle_from_s <= begin_s):
            after = np.int64(begin_s + WINDOW_S)
            open_second(self._prints, self._limits, after, False, np.int64(0))

    def portion(self) -> Portion:
        """Return what was noted since the last call."""
        self._hand_over()
        self._take_icebergs()
        asks, bids = (
            np.concatenate([_NO_ARRIVALS, *(part[side] for part in self._fresh)], axis=1)
            for side in range(2)
        )
        s = self._prints.scalars[0]
        rows = self._prints.rows[: s["n_rows"]].copy()
        s["n_rows"] = 0
        icebergs = np.concatenate([np.zeros(0, ICEBERG), *self._icebergs])
        self._fresh.clear()
        self._icebergs.clear()
        return Portion((asks, bids), rows, icebergs)

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

    def _close_window(self) -> Iterator[Output]:
        if not self._is_idle:
            self._idle_from_s = int(self._prints.scalars[0]["second"]) + 1
        self._make_room_for(0)
        while (
            status := close_second(self.kernel_config, self._state, self._prints, self._limits)
        ) != DONE:
            yield from self._make_room(status, -1)

    @property
    def _noted(self) -> Prints:
        """What is remembered once a portion was taken: the entries of lists that are in use."""
        kept = self._longest()
        lists = _grown(self._prints.lists, kept, max(kept, 1))
        return self._prints._replace(lists=lists, rows=self._prints.rows[:0])

    @_noted.setter
    def _noted(self, noted: Prints) -> None:
        self._prints = noted._replace(rows=self._prints.rows)
        self._n_handed = noted.sides["n_arrivals"].tolist()

    def _hand_over(self) -> None:
        """Set aside the arrivals since the last time."""
        lists, parts = self._prints.lists, []
        for number, side in enumerate(self._prints.sides):
            fresh = slice(self._n_handed[number], int(side["n_arrivals"]))
            columns = (lists.arrival_clock, lists.arrival_second, lists.arrival_size)
            parts.append(np.stack([column[number, fresh] for column in columns]))
            self._n_handed[number] = int(side["n_arrivals"])
        if any(part.size for part in parts):
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
        if s["n_iceberg_rows"]:
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
    starts = pa.array(rows["window_s"] * _US_PER_S, pa.timestamp("us"))
    arrays: dict[str, pa.Array] = {
        "window_start_ts": starts,
        "side": _letters(rows["side"]),
        "price_int": pa.array(rows["tick"] * tick_int),
    }
    for name in ICEBERG_COUNTS:
        arrays[name] = pa.array(np.ascontiguousarray(rows[name]))
    return arrays


def _letters(sides: np.ndarray) -> pa.Array:
    return pa.array(_SIDES, pa.string()).take(pa.array(np.ascontiguousarray(sides)))

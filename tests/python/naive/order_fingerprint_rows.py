"""Rows of `order_fingerprints_5s` and `iceberg_1s` from what happened in every second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import comb, cos, exp, expm1, floor, fsum, log1p, log2, pi, sin
from typing import TYPE_CHECKING, Any

import numpy as np

from naive.model import NS_PER_S, BookConfig

if TYPE_CHECKING:
    from naive.order_fingerprint_events import Iceberg, Second, Settings, SideSecond

WINDOW_S, MINUTE_S = 5, 60
NS_PER_MS = 1_000_000
REACTIONS_MS = (1, 5, 20)
# frequencies are multiples of 1/60 Hz
LOWEST, HIGHEST = 12, 1200
TIE = 1e-9

Row = dict[str, Any]


class Windows:
    """Sums the seconds of a day to rows."""

    def __init__(
        self,
        config: BookConfig,
        settings: Settings,
        seconds: Mapping[int, Second],
        icebergs: Mapping[tuple[int, str, int], Iceberg],
        valid: Mapping[int, bool],
    ) -> None:
        self.config = config
        self.v = settings
        self.seconds = dict(seconds)
        self.icebergs = dict(icebergs)
        self.valid = valid

    def iceberg_rows(self) -> list[Row]:
        """Rows of `iceberg_1s`, by second, side and price."""
        rows = []
        for (second_s, side, tick), cell in sorted(self.icebergs.items()):
            if self._is_in_surface(second_s, second_s + 1):
                rows.append(
                    {
                        "window_end_s": second_s + 1,
                        "side": side,
                        "price_int": tick * self.config.tick_int,
                        **vars(cell),
                        "window_valid": self.valid[second_s],
                    }
                )
        return rows

    def fingerprint_rows(self, hides_invalid: bool) -> list[Row]:
        """Rows of `order_fingerprints_5s`, by window and side."""
        ends = sorted({(second_s // WINDOW_S + 1) * WINDOW_S for second_s in self.valid})
        return [
            {"window_end_s": end_s, "side": side, **self._row(end_s, side, hides_invalid)}
            for end_s in ends
            if self._is_in_surface(end_s - WINDOW_S, end_s)
            for side in "AB"
        ]

    def _is_in_surface(self, start_s: int, end_s: int) -> bool:
        if self.config.surface_window_ns is None:
            return True
        first_ns, last_ns = self.config.surface_window_ns
        return first_ns <= start_s * NS_PER_S and end_s * NS_PER_S <= last_ns

    def _is_valid(self, end_s: int, n: int) -> bool:
        return all(self.valid.get(second_s, False) for second_s in range(end_s - n, end_s))

    def _side(self, end_s: int, n: int, side: str) -> list[SideSecond]:
        seconds = range(end_s - n, end_s)
        return [self.seconds[s].sides[side] for s in seconds if s in self.seconds]

    def _row(self, end_s: int, side: str, hides_invalid: bool) -> Row:
        row: Row = dict.fromkeys(COLUMNS)
        row["is_valid"] = self._is_valid(end_s, WINDOW_S)
        if hides_invalid and not row["is_valid"]:
            return row
        own = self._side(end_s, WINDOW_S, side)
        row |= self._arrivals(own) | self._moves(own) | self._reactions(own)
        row["approached_qty"] = sum(s.approached for s in own)
        row["withdrawn_qty"] = sum(s.withdrawn for s in own)
        row["withdraw_on_approach_share"] = share(row["withdrawn_qty"], row["approached_qty"])
        row["n_orders_max_life_ms_10"] = sum(s.short_lives for s in own)
        cells = [
            cell
            for (second_s, at, _), cell in self.icebergs.items()
            if at == side and end_s - WINDOW_S <= second_s < end_s
        ]
        for name in ("refill_count", "refill_qty", "reload_count", "reload_qty", "hidden_fill_qty"):
            row[name] = sum(getattr(cell, name) for cell in cells)
        if not hides_invalid or self._is_valid(end_s, MINUTE_S):
            row |= self._null_values(end_s, side, row)
            row |= self._periodicity(end_s, side)
        return row

    def _arrivals(self, own: list[SideSecond]) -> Row:
        sizes = Counter(arrival.size for s in own for arrival in s.arrivals)
        n = sum(sizes.values())
        row: Row = {"add_count": n}
        if n:
            top = min(sizes, key=lambda size: (-sizes[size], size))
            row["add_size_entropy"] = -fsum(c / n * log2(c / n) for c in sizes.values()) + 0.0
            row["top_size"], row["top_size_share"] = top, sizes[top] / n
        return row

    def _moves(self, own: list[SideSecond]) -> Row:
        waits = sorted(wait for s in own for wait in s.requote_waits)
        moved = sum(len(s.directions) for s in own)
        half = len(waits) // 2
        median = None
        if waits:
            middle = waits[half : half + 1] if len(waits) % 2 else waits[half - 1 : half + 1]
            median = sum(middle) / len(middle) / NS_PER_MS
        return {
            "requote_count": moved,
            "requote_pair_count": len(waits),
            "requote_median_ms": median,
            "requote_share": share(len(waits), sum(len(s.arrivals) for s in own)),
            "chase_share": share(sum(s.chases for s in own), moved),
        }

    def _reactions(self, own: list[SideSecond]) -> Row:
        waits = [wait for s in own for wait in s.cancels]
        row: Row = {"cancel_count": len(waits)}
        for ms in REACTIONS_MS:
            fast = sum(wait is not None and wait <= ms * NS_PER_MS for wait in waits)
            row[f"react_{ms}ms"] = share(fast, len(waits))
        return row

    # null values

    def _null_values(self, end_s: int, side: str, row: Row) -> Row:
        window = [s for s in range(end_s - WINDOW_S, end_s) if s in self.seconds]
        minute = [s for s in range(end_s - MINUTE_S, end_s) if s in self.seconds]

        def quantile(name: str, *args: Any) -> float | None:
            expected = getattr(self, f"_expected_{name}")
            of_window = [expected(self.seconds[s], side, *args) for s in window]
            of_minute = [expected(self.seconds[s], side, *args) for s in minute]
            n = sum(events for events, _ in of_window)
            if n == 0:
                return None
            return smallest_k(n, largest_chance(of_window, of_minute)) / n

        found: Row = {f"react_{ms}ms_null_q95": quantile("reactions", ms) for ms in REACTIONS_MS}
        found["chase_share_null_q95"] = quantile("chases")
        found["requote_share_null_q95"] = quantile("requotes")
        if row["add_count"]:
            sizes = [a.size for s in minute for a in self.seconds[s].sides[side].arrivals]
            chance = sizes.count(row["top_size"]) / len(sizes)
            k = smallest_k(row["add_count"], chance)
            found["top_size_share_null_q95"] = k / row["add_count"]
        if row["approached_qty"]:
            left = [q for s in window for q in self.seconds[s].sides[side].left_behind]
            value = 0.0
            if left:
                of_window = [self._expected_withdrawn(self.seconds[s], side) for s in window]
                of_minute = [self._expected_withdrawn(self.seconds[s], side) for s in minute]
                n = floor(sum(left) ** 2 / sum(q * q for q in left) + 0.5)
                k = smallest_k(n, largest_chance(of_window, of_minute))
                value = k / n * sum(left) / row["approached_qty"]
            found["withdraw_on_approach_share_null_q95"] = value
        return found

    def _fraction(self, second: Second, is_hit: list[bool]) -> float:
        return sum(is_hit) / len(second.known) if second.known else 0.0

    def _expected_reactions(self, second: Second, side: str, ms: int) -> tuple[int, float]:
        since = [known.since_trade[side] for known in second.known]
        fast = [wait is not None and wait <= ms * NS_PER_MS for wait in since]
        n = len(second.sides[side].cancels)
        return n, n * self._fraction(second, fast)

    def _expected_chases(self, second: Second, side: str) -> tuple[int, float]:
        directions = second.sides[side].directions
        chances = {
            sign: self._fraction(second, [k.recent_move[side] == sign for k in second.known])
            for sign in (-1, 1)
        }
        return len(directions), fsum(chances.get(d, 0.0) for d in directions)

    def _expected_requotes(self, second: Second, side: str) -> tuple[int, float]:
        own, n = second.sides[side], len(second.clocks)
        if n == 0:
            return 0, 0.0
        near = sum(
            second.clocks[j] - second.clocks[i] <= self.v.requote_ms * NS_PER_MS
            for i in range(n)
            for j in range(i + 1, n)
        )
        kappa = min(near / n**2 / (1 - self.v.requote_ms / 1_000 / 2), 1.0)
        chances = []
        for arrival in own.arrivals:
            m = sum(
                taken.size == arrival.size
                and abs(taken.tick - arrival.tick) <= self.v.requote_max_ticks
                for taken in own.take_aways
            )
            chances.append(1 - (1 - kappa) ** m)
        return len(chances), fsum(chances)

    def _expected_withdrawn(self, second: Second, side: str) -> tuple[int, float]:
        q = sum(second.sides[side].left_behind)
        return q, q * self._fraction(second, [known.is_open[side] for known in second.known])

    # periodicity

    def _periodicity(self, end_s: int, side: str) -> Row:
        blocks = [[(a.size, a.clock) for a in s.arrivals] for s in self._side(end_s, 60, side)]
        counts = Counter(size for block in blocks for size, _ in block)
        enough = [s for s, n in counts.items() if n >= self.v.periodicity_min_arrivals]
        sizes = sorted(enough, key=lambda s: (-counts[s], s))[: self.v.periodicity_sizes]
        if not sizes:
            return {}
        spectra = [
            spectrum([[t for z, t in block if z == size] for block in blocks]) for size in sizes
        ]
        largest = max(coherence for coherent, _ in spectra for coherence in coherent.values())
        least = largest * (1 - TIE)
        rank, k = next(
            (rank, k)
            for rank, (coherent, _) in enumerate(spectra)
            for k in range(LOWEST, HIGHEST + 1)
            if coherent[k] >= least
        )
        coherent, power = spectra[rank]
        slowest = self._fundamental(coherent, k)
        n = counts[sizes[rank]]
        return {
            "periodicity_s": 60 / slowest,
            "periodicity_size": sizes[rank],
            "periodicity_n": n,
            "periodicity_power": power[slowest] / n,
            "periodicity_coherence": coherent[k],
            "periodicity_p": chance_of(coherent[k], (HIGHEST - LOWEST + 1) * len(sizes)),
        }

    def _fundamental(self, coherent: Mapping[int, float], k: int) -> int:
        """Return the slowest frequency whose harmonic is the strongest one."""
        least = max(
            self.v.periodicity_fundamental_share * coherent[k],
            self.v.periodicity_fundamental_min,
        )
        for d in range(k // LOWEST, 1, -1):
            middle = (2 * k + d) // (2 * d)
            near = [j for j in (middle - 1, middle, middle + 1) if LOWEST <= j <= HIGHEST and j < k]
            if near:
                best = max(coherent[j] for j in near)
                j = next(j for j in near if coherent[j] >= best * (1 - TIE))
                if coherent[j] >= least:
                    return j
        return k


def share(part: int, whole: int) -> float | None:
    """Return a share, None without support."""
    return part / whole if whole else None


def largest_chance(*groups: list[tuple[int, float]]) -> float:
    """Return the larger chance of a window and its minute, from events and expected hits."""
    chances = [0.0]
    for group in groups:
        events = sum(n for n, _ in group)
        if events:
            chances.append(fsum(mu for _, mu in group) / events)
    return min(max(chances), 1.0)


def smallest_k(n: int, chance: float) -> int:
    """Return the smallest k with P(Bin(n, chance) <= k) >= 0.95."""
    terms: list[float] = []
    for k in range(n + 1):
        terms.append(comb(n, k) * chance**k * (1 - chance) ** (n - k))
        if fsum(terms) >= 0.95:
            return k
    return n


def spectrum(blocks: list[list[int]]) -> tuple[dict[int, float], dict[int, float]]:
    """Return coherence and squared length of the sum of phasors, by frequency in 1/60 Hz.

    Args:
        blocks: clocks in ns, block by block.
    """
    period_ns = 60 * NS_PER_S
    k = np.arange(LOWEST, HIGHEST + 1)
    total, spread = np.zeros(k.size, complex), np.zeros(k.size)
    for block in blocks:
        own = np.zeros(k.size, complex)
        for clock in block:
            # integers first: a clock has more digits than a double
            own += np.exp(2j * pi * (k * (clock % period_ns) % period_ns) / period_ns)
        total += own
        spread += np.abs(own) ** 2
    squared = np.abs(total) ** 2
    coherent = np.divide(squared, spread, out=np.zeros(k.size), where=spread > 0)
    return (
        dict(zip(k.tolist(), coherent.tolist(), strict=True)),
        dict(zip(k.tolist(), squared.tolist(), strict=True)),
    )


def chance_of(coherence: float, compared: int) -> float:
    """Return the chance that the largest of many coherences is at least this one."""
    single = exp(-coherence)
    return 1.0 if single >= 1.0 else -expm1(compared * log1p(-single))


def rayleigh(clocks: list[int], k: int) -> float:
    """Return the Rayleigh power of some clocks at one frequency, term by term."""
    angles = [2 * pi * (k * clock % (60 * NS_PER_S)) / (60 * NS_PER_S) for clock in clocks]
    return (fsum(map(cos, angles)) ** 2 + fsum(map(sin, angles)) ** 2) / len(clocks)


# measures in the order of the relation
COLUMNS = (
    "is_valid",
    "add_count",
    "add_size_entropy",
    "top_size",
    "top_size_share",
    "top_size_share_null_q95",
    "cancel_count",
    "requote_count",
    "requote_pair_count",
    "requote_median_ms",
    "requote_share",
    "requote_share_null_q95",
    "chase_share",
    "chase_share_null_q95",
    "approached_qty",
    "withdrawn_qty",
    "withdraw_on_approach_share",
    "withdraw_on_approach_share_null_q95",
    "react_1ms",
    "react_5ms",
    "react_20ms",
    "react_1ms_null_q95",
    "react_5ms_null_q95",
    "react_20ms_null_q95",
    "n_orders_max_life_ms_10",
    "refill_count",
    "refill_qty",
    "reload_count",
    "reload_qty",
    "hidden_fill_qty",
    "periodicity_s",
    "periodicity_size",
    "periodicity_n",
    "periodicity_power",
    "periodicity_coherence",
    "periodicity_p",
)

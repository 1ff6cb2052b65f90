"""Hostile random days for `approach_course_1s`.

A day is a row of scenes around a level. Each scene begins with an approach, so that a course
begins, and goes on with one to three acts that try to reach, cross, resolve or end it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence

from naive.approach_course import NS_PER_S, SIGNS, CourseGap, CourseSecond, CourseTrade
from naive.approach_course_decisions import DecisionWindow

Day = tuple[list[CourseSecond], list[CourseTrade], list[CourseGap]]

BASE_S = 1_760_000_000
WINDOW_S = 5
DEFAULT_BARRIER = 8
OTHER = {"up": "down", "down": "up"}
RARE = 0.004


class Drawer:
    """A day under construction; distances `x` are past `anchor` in direction `side`."""

    def __init__(self, seed: int):
        self.draw = random.Random(seed)
        self.end_s = BASE_S + self.draw.randrange(WINDOW_S)
        self.has_vol_barrier = self.draw.random() < 0.4
        self.level = self.anchor = self.draw.randrange(26_000, 28_000)
        self.side = "up"
        self.seconds: list[CourseSecond] = []
        self.trades: list[CourseTrade] = []
        self.gaps: list[CourseGap] = []

    @property
    def barrier(self) -> int:
        """Barrier that acts aim at; that of a course may differ in units of volatility."""
        return DEFAULT_BARRIER

    def chance(self, share: float) -> bool:
        """Whether something of this probability happens."""
        return self.draw.random() < share

    def second(
        self,
        x: int,
        approach: str | None = None,
        traded: Iterable[int] = (),
        *,
        is_valid: bool = True,
        is_active: bool = True,
        has_row: bool = True,
    ) -> None:
        """Add a second with spot at `x` and trades at `traded`."""
        draw, sign = self.draw, SIGNS[self.side]
        start_ns = self.end_s * NS_PER_S
        self.end_s += 1
        ticks = [self.anchor + sign * at for at in traded]
        times_ns = sorted(start_ns + draw.randrange(NS_PER_S) for _ in ticks)
        if times_ns and self.chance(0.05):
            # a record of a group that began in an earlier second
            times_ns[0] -= draw.randrange(2 * NS_PER_S)
        for tick, ts_ns in zip(ticks, times_ns, strict=True):
            self.trades.append(CourseTrade(self.end_s - 1, tick, ts_ns))
        is_valid = is_valid and not self.chance(RARE / 4)
        is_active = is_active and not self.chance(RARE / 4)
        spot = None if not is_valid and self.chance(0.5) else self.anchor + sign * x
        level = self.level if has_row else None
        barrier = self.window_barrier() if self.end_s % WINDOW_S == 0 else None
        self.seconds.append(
            CourseSecond(
                self.end_s, is_valid, spot, level, is_active and has_row, approach, None, barrier
            )
        )

    def window_barrier(self) -> int | None:
        """Barrier of a window; None without sigma."""
        if not self.has_vol_barrier:
            return DEFAULT_BARRIER
        return None if self.chance(0.05) else self.draw.randint(4, 12)

    def near(self, x: int) -> list[int]:
        """Trades of a usual second."""
        return [x + self.draw.randint(-1, 1) for _ in range(self.draw.choice((0, 0, 1, 2, 3)))]

    def window_to_come(self, x: int, approach: str | None) -> None:
        """Add quiet seconds until the next second ends a window."""
        while (self.end_s + 1) % WINDOW_S:
            self.second(x, approach)


def approach(day: Drawer) -> None:
    """Price comes to the level, so that a course begins."""
    draw = day.draw
    day.side = draw.choice(("up", "down"))
    day.level = day.anchor = day.level + draw.randint(-2, 2)
    x = -day.barrier - draw.randint(0, 4)
    stops_at = draw.choice((-6, -5, -4, -3, -3, -2, -1))
    for _ in range(draw.randint(8, 25)):
        x = min(x + draw.choice((-1, 0, 1, 1, 1)), stops_at)
        is_wild = day.chance(0.02)
        # trades stay out of reach, but for a few
        traded = [draw.randint(-20, 20)] if is_wild else [min(at, -3) for at in day.near(x)]
        day.second(x, day.side if day.chance(0.95) else None, traded)
    # an approach begins at a window end
    day.window_to_come(max(x, -5), day.side)
    day.second(max(x, -5), day.side, [0] if day.chance(0.1) else [])


def touch_by_spot(day: Drawer) -> None:
    """Spot reaches, no trade does."""
    for x in day.draw.choices(range(-4, 4), k=day.draw.randint(1, 6)):
        day.second(x, day.draw.choice((day.side, None)))


def touch_by_trade(day: Drawer) -> None:
    """A trade reaches while spot stays away."""
    for _ in range(day.draw.randint(1, 3)):
        traded = [day.draw.randint(-4, 6) for _ in range(day.draw.randint(1, 3))]
        day.second(day.draw.choice((-5, -4, -3, 4)), day.side, traded)


def hover(day: Drawer) -> None:
    """Price stays around the level between the barriers."""
    x = 0
    for _ in range(day.draw.randint(5, 30)):
        x = max(-6, min(6, x + day.draw.randint(-3, 3)))
        day.second(x, day.draw.choice(("up", "down", None, None)), day.near(x))


def jump(day: Drawer) -> None:
    """Price jumps past a barrier within a second, with trades or without."""
    for _ in range(day.draw.randint(1, 2)):
        x = day.draw.choice((-1, 1)) * (day.barrier + day.draw.randint(-1, 6))
        day.second(x, None, [x] if day.chance(0.6) else [])


def both_barriers(day: Drawer) -> None:
    """Trades of one second lie beyond both barriers; spot ends anywhere."""
    draw, far = day.draw, day.barrier + 4
    sign = draw.choice((-1, 1))
    traded = [sign * far, -sign * far, draw.randint(-far, far)]
    if day.chance(0.5):
        traded.insert(0, draw.randint(-2, 2))
    day.second(draw.randint(-far, far), draw.choice((day.side, None)), traded)


def resolve_at_window(day: Drawer) -> None:
    """A course ends in the second at whose end a window is eligible."""
    draw, far = day.draw, day.barrier + 4
    goes_on = draw.choice((day.side, OTHER[day.side]))
    x = -draw.randint(3, 5) if goes_on == day.side else draw.randint(3, 5)
    day.second(0, day.side, [0])
    day.window_to_come(x, goes_on)
    day.second(x, goes_on, [draw.choice((-far, far))])
    if day.chance(0.7):
        for _ in range(WINDOW_S):
            day.second(x, goes_on)


def run_away(day: Drawer) -> None:
    """Price goes far away from the level without a trade."""
    for x in range(-5, -2 * day.barrier - day.draw.randint(0, 10), -day.draw.randint(2, 6)):
        day.second(x, day.draw.choice((day.side, None)))


def stall(day: Drawer) -> None:
    """Price stays before the level, and is no longer an approach of it."""
    draw = day.draw
    is_broken_at = draw.choice((-1, -1, 3, 58, 59, 60))
    for n in range(draw.randint(58, 70)):
        word = day.side if n == is_broken_at else draw.choice((None, None, OTHER[day.side]))
        day.second(draw.randint(-6, -4), word)


def stay_out(day: Drawer) -> None:
    """Price leaves the level and comes neither back nor to a barrier for four minutes."""
    draw, sign = day.draw, day.draw.choice((-1, 1))
    day.second(draw.randint(-1, 1), None, [0, sign * 3])
    comes_back_at = draw.choice((-1, -1, -1, 100))
    for n in range(draw.randint(238, 244)):
        x = sign * 3
        traded = [x, sign * 2] if n == comes_back_at else [x] if day.chance(0.1) else []
        day.second(x, None, traded)


def move_level(day: Drawer) -> None:
    """The level moves, and price with it or not."""
    day.level += day.draw.choice((-6, -5, -4, -3, -1, 1, 3, 4, 5, 6))
    traded = [day.draw.choice((-12, 12))] if day.chance(0.3) else []
    day.second(day.draw.randint(-5, 5), day.side, traded)
    if day.chance(0.5):
        # price on the other side of the level that moved
        day.level = day.anchor - SIGNS[day.side] * 4
        day.window_to_come(-3, OTHER[day.side])
        day.second(-3, OTHER[day.side])


def spoil(day: Drawer) -> None:
    """A second is invalid, or the level is inactive or has no row; trades go on."""
    wrong = day.draw.choice(("is_valid", "is_active", "has_row"))
    for _ in range(day.draw.choice((1, 1, 2, 30))):
        day.second(
            day.draw.randint(-6, 6), day.side, [day.draw.choice((0, -12, 12))], **{wrong: False}
        )


def lose_records(day: Drawer) -> None:
    """A recording gap becomes known, at once or late."""
    draw = day.draw
    known_ns = (day.end_s + draw.randint(0, 2)) * NS_PER_S
    if day.chance(0.7):
        known_ns += draw.randrange(NS_PER_S)
    day.gaps.append(CourseGap(known_ns - draw.choice((0, 0, 1, 40)) * NS_PER_S, known_ns))
    if day.chance(0.5):
        # a window right after it, and a gap that ends before what follows begins
        day.gaps.append(CourseGap(day.seconds[-1].end_s * NS_PER_S - 1, known_ns))
    for _ in range(4):
        day.second(-4, day.side, day.near(-5))


def anything(day: Drawer) -> None:
    """Nothing fits anything."""
    draw = day.draw
    for _ in range(draw.randint(3, 15)):
        traded = [draw.randint(-14, 14) for _ in range(draw.choice((0, 0, 0, 1, 2)))]
        day.second(draw.randint(-14, 14), draw.choice(("up", "down", None)), traded)


ACTS: Sequence[Callable[[Drawer], None]] = (
    touch_by_spot,
    touch_by_trade,
    hover,
    hover,
    jump,
    both_barriers,
    resolve_at_window,
    run_away,
    stall,
    stay_out,
    move_level,
    spoil,
    lose_records,
    anything,
)


def drawn_day(seed: int) -> Day:
    """A random day of about 20 minutes: seconds, trades and gaps for `courses`."""
    day = Drawer(seed)
    for _ in range(day.draw.randint(10, 20)):
        approach(day)
        for act in day.draw.choices(ACTS, k=day.draw.randint(1, 3)):
            act(day)
    approach(day)
    return with_eligible(day.seconds), day.trades, sorted(day.gaps, key=lambda gap: gap.known_ns)


def with_eligible(seconds: Sequence[CourseSecond]) -> list[CourseSecond]:
    """The same seconds with the windows of section 5 that end with them."""
    found = []
    for n, second in enumerate(seconds):
        is_window = second.end_s % WINDOW_S == 0 and n >= WINDOW_S - 1
        last_five = seconds[n - WINDOW_S + 1 : n + 1] if is_window else []
        is_eligible = (
            is_window
            and all(one.is_valid for one in last_five)
            and second.is_active
            and second.level_tick is not None
            and second.approach is not None
            and second.barrier_ticks is not None
            and -second.barrier_ticks
            < SIGNS[second.approach] * (second.spot_tick - second.level_tick)
            < 0
        )
        found.append(second._replace(eligible=second.approach if is_eligible else None))
    return found


def windows_of(seconds: Sequence[CourseSecond]) -> list[DecisionWindow]:
    """Windows of section 5 at whose end the level has a row, each an episode of its own."""
    found = []
    for n, second in enumerate(seconds):
        if second.end_s % WINDOW_S or second.level_tick is None:
            continue
        last_five = seconds[max(n - WINDOW_S + 1, 0) : n + 1]
        is_known = second.spot_tick is not None
        k_ticks = second.level_tick - second.spot_tick if is_known else None
        has_side = is_known and second.approach is not None
        found.append(
            DecisionWindow(
                end_s=second.end_s,
                is_valid=len(last_five) == WINDOW_S and all(one.is_valid for one in last_five),
                is_eligible=second.eligible is not None,
                approach_dir=f"approach_{second.approach or 'none'}",
                level_tick=second.level_tick,
                x_ticks=-SIGNS[second.approach] * k_ticks if has_side else None,
                k_ticks=k_ticks,
                barrier_ticks=second.barrier_ticks,
                first_window_end_s=second.end_s if second.eligible else None,
            )
        )
    return found

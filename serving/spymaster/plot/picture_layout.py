"""Where the panels of a picture lie, in whole pixels from its lower left corner."""

from __future__ import annotations

from dataclasses import dataclass

from spymaster.plot.scene import Scene

_LEFT_PX = 86
_RIGHT_PX = 22
_TITLE_PX = 62
_LEGEND_PX = 18
# height of a row of the legend
LEGEND_ROW_PX = 20
_BOTTOM_PX = 50
_GAP_PX = 12
_PROFILE_PX = 190
_SCORES_PX = 160
_TOTAL_PX = 84
_DELTA_PX = 110
_SPREAD_PX = 64
_OFI_PX = 110
_IMBALANCE_PX = 92
_VOLATILITY_PX = 84
# a row of the strip of the four conditions, its line included
CONDITION_PX = 13
_CONDITIONS = 4
# rows of the strip of the break score, parted by a pixel each
SIGNAL_PX, SCORE_PX, BARRIER_PX = 6, 56, 8
_BREAK_SCORE_PX = SIGNAL_PX + 1 + SCORE_PX + 1 + BARRIER_PX
# between the strips of a level
_STRIP_GAP_PX = 4

# left of the profile, so that the legend has room above a narrow main panel
_LEAST_MAIN_PX = 960


@dataclass(frozen=True)
class Box:
    """A rectangle of pixels."""

    left: int
    bottom: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First pixel beyond the right side."""
        return self.left + self.width

    @property
    def top(self) -> int:
        """First pixel above."""
        return self.bottom + self.height


@dataclass(frozen=True)
class MarketBoxes:
    """Panels of market features."""

    spread: Box
    ofi: Box
    imbalance: Box
    volatility: Box


@dataclass(frozen=True)
class Layout:
    """Size of a picture and its panels; panels that share an axis share its pixels."""

    width: int
    height: int
    main: Box
    profile: Box
    conditions: dict[str, Box]
    break_scores: dict[str, Box]
    scores: Box
    total: Box
    delta: Box
    market: MarketBoxes | None


def legend_room_px(scene: Scene) -> int:
    """Return the width of the legend, which ends where the profile begins."""
    return max(scene.seconds.count * scene.cell.second_px, _LEAST_MAIN_PX)


def lay_out(scene: Scene, legend_rows: int) -> Layout:
    """Return the layout for a number of cells and their size, and rows of the legend."""
    width = scene.seconds.count * scene.cell.second_px
    height = scene.rows.count * scene.cell.tick_px
    market, delta_bottom = None, _BOTTOM_PX
    if scene.market is not None:
        market = _market_boxes(width)
        delta_bottom = market.spread.top + _GAP_PX
    delta = Box(_LEFT_PX, delta_bottom, width, _DELTA_PX)
    total = Box(_LEFT_PX, delta.top + _GAP_PX, width, _TOTAL_PX)
    scores = Box(_LEFT_PX, total.top + _GAP_PX, width, _SCORES_PX)
    conditions, break_scores = {}, {}
    below = scores
    # the first level stands next to the prices
    for level_id in reversed(scene.conditions | scene.break_scores):
        gap_px = _GAP_PX
        if level_id in scene.break_scores:
            below = Box(_LEFT_PX, below.top + gap_px, width, _BREAK_SCORE_PX)
            break_scores[level_id] = below
            gap_px = _STRIP_GAP_PX
        if level_id in scene.conditions:
            below = Box(_LEFT_PX, below.top + gap_px, width, _CONDITIONS * CONDITION_PX)
            conditions[level_id] = below
    main = Box(_LEFT_PX, below.top + _GAP_PX, width, height)
    profile_left = _LEFT_PX + legend_room_px(scene) + _GAP_PX
    profile = Box(profile_left, main.bottom, _PROFILE_PX, height)
    return Layout(
        width=profile.right + _RIGHT_PX,
        height=main.top + _LEGEND_PX + legend_rows * LEGEND_ROW_PX + _TITLE_PX,
        main=main,
        profile=profile,
        conditions={level_id: conditions[level_id] for level_id in scene.conditions},
        break_scores={level_id: break_scores[level_id] for level_id in scene.break_scores},
        scores=scores,
        total=total,
        delta=delta,
        market=market,
    )


def _market_boxes(width: int) -> MarketBoxes:
    """Return the panels at the bottom of the picture."""
    volatility = Box(_LEFT_PX, _BOTTOM_PX, width, _VOLATILITY_PX)
    imbalance = Box(_LEFT_PX, volatility.top + _GAP_PX, width, _IMBALANCE_PX)
    ofi = Box(_LEFT_PX, imbalance.top + _GAP_PX, width, _OFI_PX)
    spread = Box(_LEFT_PX, ofi.top + _GAP_PX, width, _SPREAD_PX)
    return MarketBoxes(spread, ofi, imbalance, volatility)

"""The card of ``spymaster hud``: the words of ``spymaster levels``, bars, lights and layout."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from matplotlib.text import Text
from spymaster.cli import cli
from spymaster.hud import render_hud
from spymaster.hud.card import DEPTH_PX, ODDS_PX, CardView, card_sheet, read_card
from spymaster.hud.frame import size_of
from spymaster.hud.paint import THEMES, theme_named
from spymaster.hud.render import Look
from spymaster.hud.sheet import Sheet, wrapped
from spymaster.levels.read import LevelView, read_levels
from spymaster.plot.canvas import Canvas, own_settings
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support import hud_lake
from support.card_moments import MOMENTS, Moment
from support.clock import NEW_YORK
from support.contrast import contrast
from support.level_words_lake import engine_constants

LEAST_PX, LEAST_CONTRAST = 12, 4.5
# at the level; its ladder, like all here, has depth
AT, DOWN = 1_005, 2_350
# before an approach, approaching, at, through, resolved, too few, nothing like it, back, lost,
# not to be trusted, without spot, coming down
SECONDS = (500, 905, 945, AT, 1_100, 1_180, 1_945, 1_962, 2_005, 2_099)
UNUSUAL = (hud_lake.INVALID, hud_lake.NO_SPOT, hud_lake.NO_GEX, DOWN)
# seconds, ticks on either side and pixels of a tick of pictures of about these sizes
SIZES = {(1_280, 720): (486, 38, 6), (1_920, 1_080): (1_030, 68, 6)}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = hud_lake.write_lake(Lake(tmp_path_factory.mktemp("hud") / "lake"))
    with duckdb.connect(str(lake.published)) as connection:
        # the rule of thumb, which `spymaster levels` prints, needs all of them
        connection.execute("delete from reference.engine_constants")
        connection.executemany(
            "insert into reference.engine_constants (name, value) values (?, ?)",
            list(engine_constants().items()),
        )
    return lake


def end_s(second: int) -> int:
    return int(hud_lake.window_end(second).replace(tzinfo=dt.UTC).timestamp())


def view_at(lake: Lake, second: int, level_id: str | None = None) -> CardView:
    return read_card(lake, hud_lake.SYMBOL, hud_lake.DAY, end_s(second), level_id)


def sheet_of(view: CardView, theme: str = "dark") -> Sheet:
    with own_settings():
        return card_sheet(view, theme_named(theme), Canvas(1, 1).width_of_words)


def with_level(view: CardView, change: Callable[[LevelView], LevelView]) -> CardView:
    """Return the view with a changed level in question."""
    assert view.moment is not None
    level, *others = view.moment.levels
    return CardView(replace(view.moment, levels=[change(level), *others]))


def with_course(view: CardView, moment: Moment, **changes: object) -> CardView:
    return with_level(view, lambda level: replace(level, course=moment.row | changes))


def printed(lake: Lake, second: int, *arguments: str) -> str:
    """Return what ``spymaster levels`` says of the level in question, without the rule of thumb."""
    local = NEW_YORK.local(hud_lake.window_end(second))
    name, day = hud_lake.SYMBOL, str(hud_lake.DAY)
    result = CliRunner().invoke(
        cli,
        ["levels", "--symbol", name, "--dt", day, "--at", f"{local:%H:%M:%S}", *arguments],
        env={LAKE_VARIABLE: str(lake.root)},
    )
    assert result.exit_code == 0, result.output
    lines = takewhile(lambda line: not line.startswith("rule of thumb"), result.output.splitlines())
    return " ".join(" ".join(lines).replace("─", "").split())


def blocks(sheet: Sheet, name: str) -> list[tuple[int, int, int]]:
    """Return left, top and width of the blocks of a name."""
    return [(found.left, found.top, found.width) for found in sheet.blocks if found.name == name]


@pytest.mark.parametrize("second", [*SECONDS, *UNUSUAL])
def test_it_says_what_levels_says(lake: Lake, second: int) -> None:
    view = view_at(lake, second)
    assert view.moment is not None
    # the ladders of this lake have no flows, which the lines of the other levels read
    names = [level.facts["level_id"] for level in view.moment.levels[:1]]
    said = sheet_of(view).sentences
    assert said == printed(lake, second, *(word for name in names for word in ("--level", name)))
    assert len(said) > 60


def test_the_level_in_question_has_an_approach_under_way_else_it_is_the_nearest(
    lake: Lake,
) -> None:
    for second, level_id in ((500, "sma_90"), (AT, "sma_90"), (1_945, "or_high"), (DOWN, "pm_low")):
        view = view_at(lake, second)
        assert view.moment is not None
        level = view.moment.levels[0]
        assert level.facts["level_id"] == level_id
        assert level_id in sheet_of(view).sentences
        ranks = [
            (found.course is None, not found.facts["is_active"]) for found in view.moment.levels
        ]
        assert ranks == sorted(ranks)


@pytest.mark.parametrize("level_id", ["pm_high", "or_high", "pm_low"])
def test_a_named_level_has_its_own_words(lake: Lake, level_id: str) -> None:
    for second in (500, AT):
        said = sheet_of(view_at(lake, second, level_id)).sentences
        assert said == printed(lake, second, "--level", level_id)
        assert level_id in said


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.place)
def test_moments_have_place_odds_and_support_in_this_order(lake: Lake, moment: Moment) -> None:
    sheet = sheet_of(with_course(view_at(lake, AT), moment))
    said = sheet.sentences
    places = [said.index(words) for words in (moment.place, moment.odds, moment.support) if words]
    assert places == sorted(places)
    shares = [moment.row[f"p_{name}"] for name in ("break", "reject", "chop")]
    bars = [blocks(sheet, name) for name in ("break", "reject", "chop")]
    if shares[0] is None:
        assert bars == [[], [], []]
        assert blocks(sheet, "no_odds")
        return
    widths = [sum(width for _, _, width in bar) for bar in bars]
    assert widths == pytest.approx([ODDS_PX * share for share in shares], abs=1)
    assert sum(widths) == ODDS_PX
    marks = [left for left, _, _ in blocks(sheet, "usual")]
    base = moment.row["base_break"]
    of_usual = [] if base is None else [base, base + moment.row["base_reject"]]
    assert marks == pytest.approx([ODDS_PX * share for share in of_usual], abs=1)


def test_a_mirrored_approach_turns_the_arrows_alone(lake: Lake) -> None:
    [moment] = [moment for moment in MOMENTS if moment.place.startswith("through by 7")]
    view = view_at(lake, AT)
    up, down = (sheet_of(with_course(view, moment, direction=way)) for way in ("up", "down"))
    assert up.labels[-3:] == ["break↑ 96%", "reject↓ 0%", "chop 4%"]
    assert down.labels[-3:] == ["break↓ 96%", "reject↑ 0%", "chop 4%"]
    for name in ("break", "reject", "chop", "usual"):
        widths = [[width for *_, width in blocks(sheet, name)] for sheet in (up, down)]
        assert widths[0] == widths[1]


def test_the_orders_ahead_of_price_have_the_first_lights(lake: Lake) -> None:
    for second, ahead, behind in ((AT, "asks", "bids"), (DOWN, "bids", "asks")):
        view = view_at(lake, second)
        assert view.moment is not None
        row = view.moment.levels[0].conditions
        assert row is not None
        verbs = {"asks": "retreat", "bids": "recede"}
        readings = [
            row[f"{side}_{verb}_z"] for side in (ahead, behind) for verb in (verbs[side], "pull")
        ]
        conditions = {"asks": ("c1", "c2"), "bids": ("c3", "c4")}
        met = [row[name] for side in (ahead, behind) for name in conditions[side]]
        sheet = sheet_of(view)
        where, *first = sheet.labels[:3]
        then, *second_pair = sheet.labels[3:6]
        assert (where, then) == (f"{ahead} ahead", f"{behind} behind")
        words = ("retreat", "pulled", "recede", "pulled")
        for said, word, z in zip(first + second_pair, words, readings, strict=True):
            assert said.split()[0] == word
            assert float(said.split()[1]) == pytest.approx(z, abs=0.051)
        assert len(blocks(sheet, "met")) == sum(value is True for value in met)
        assert len(blocks(sheet, "not_met")) == 4 * sum(value is False for value in met)


def test_an_unknown_reading_has_no_lamp(lake: Lake) -> None:
    view = with_level(view_at(lake, AT), lambda level: replace(level, conditions=None))
    sheet = sheet_of(view)
    assert sheet.labels[:6] == [
        "asks ahead",
        "retreat ?",
        "pulled ?",
        "bids behind",
        "recede ?",
        "pulled ?",
    ]
    assert not blocks(sheet, "met") and not blocks(sheet, "not_met")


def test_bars_of_the_ladder_have_the_length_of_depth(lake: Lake) -> None:
    view = view_at(lake, AT)
    assert view.moment is not None
    rungs = view.moment.levels[0].rungs
    sheet = sheet_of(view)
    names = ("bid_depth", "ask_depth", "bid_usual_depth", "ask_usual_depth")
    most = max(row[name] for row in rungs for name in names)
    ends = {}
    for side in ("bid", "ask"):
        known = [row for row in rungs if row[f"{side}_depth"]]
        bars, marks = blocks(sheet, side), blocks(sheet, f"{side}_usual")
        lengths = [DEPTH_PX * row[f"{side}_depth"] / most for row in known]
        assert [width for *_, width in bars] == pytest.approx(lengths, abs=0.51)
        tops = [top for _, top, _ in bars]
        assert tops == sorted(tops) and len(bars) > 3
        ends[side] = {left + width if side == "bid" else left for left, _, width in bars}
        [middle] = ends[side]
        usual = [DEPTH_PX * row[f"{side}_usual_depth"] / most for row in known]
        sense = 1 if side == "ask" else -1
        at = [sense * (left + (width if side == "bid" else 0) - middle) for left, _, width in marks]
        assert at == pytest.approx(usual, abs=0.51)
    assert ends["bid"] == ends["ask"]
    # spot lies in the rung below the level, whose ticks are one to four below it
    [(_, line, _)] = blocks(sheet, "spot")
    tops = {words.text: words.top for words in sheet.words if words.left == 0}
    assert tops["-1"] <= line + 1 <= tops["-2"]


def test_a_mirrored_book_has_mirrored_bars(lake: Lake) -> None:
    names = ("depth", "usual_depth", "state", "wall_ratio", "net_flow_share")
    swapped = {
        f"{one}_{name}": f"{other}_{name}"
        for one, other in (("bid", "ask"), ("ask", "bid"))
        for name in names
    }

    def mirror(level: LevelView) -> LevelView:
        rungs = [row | {new: row[old] for new, old in swapped.items()} for row in level.rungs]
        return replace(level, rungs=rungs)

    view = view_at(lake, AT)
    plain, mirrored = sheet_of(view), sheet_of(with_level(view, mirror))
    for one, other in (("bid", "ask"), ("bid_usual", "ask_usual")):
        lengths = [[width for *_, width in blocks(sheet, one)] for sheet in (plain, mirrored)]
        assert lengths[0] == [width for *_, width in blocks(mirrored, other)]
        assert lengths[1] == [width for *_, width in blocks(plain, other)]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_no_words_are_cut_or_lie_over_each_other(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], theme: str
) -> None:
    seconds, ticks, tick_px = SIZES[size]
    drawn: list[Canvas] = []
    monkeypatch.setattr(Canvas, "save", lambda canvas, path: drawn.append(canvas))
    look = Look(size_of(seconds, ticks), theme)
    for second in (AT, 1_945, hud_lake.INVALID, DOWN):
        render_hud(
            hud_lake.SYMBOL,
            hud_lake.DAY,
            end_s(second),
            tmp_path / "now.png",
            lake=lake,
            look=look,
            tick_px=tick_px,
            with_axes=True,
            with_card=True,
        )
    for canvas in drawn:
        assert canvas.width == pytest.approx(size[0], abs=2)
        assert size[1] * 0.9 <= canvas.height <= size[1]
        found = [text for text in canvas.overlay().figure.findobj(Text) if text.get_text()]
        extents = [canvas.extent_of(text) for text in found if text.get_visible()]
        assert len(extents) > 40
        for place, extent in enumerate(extents):
            assert extent.x0 >= 0 and extent.x1 <= canvas.width, found[place]
            assert extent.y0 >= 0 and extent.y1 <= canvas.height, found[place]
            # letters do not reach the edges of their line
            small = extent.shrunk(1, 0.75)
            clash = [text for text in extents[:place] if small.overlaps(text.shrunk(1, 0.75))]
            assert not clash, found[place]


@pytest.mark.parametrize("theme", THEMES)
def test_words_are_large_and_stand_out_and_no_bar_lies_under_them(lake: Lake, theme: str) -> None:
    behind = str(theme_named(theme).rgb("background"))
    for second in (AT, 1_945, hud_lake.INVALID, DOWN):
        sheet = sheet_of(view_at(lake, second), theme)
        for words in sheet.words:
            assert words.size_px >= LEAST_PX
            assert contrast(str(words.colour), behind) >= LEAST_CONTRAST, words
            right = words.left + sheet.ruler(words.text, words.size_px, words.weight)
            assert right <= sheet.width, words
            for block in sheet.blocks:
                is_beside = block.left >= right or block.left + block.width <= words.left
                is_above = block.top + block.height <= words.top or block.top >= words.top + 15
                assert is_beside or is_above, (words, block)


def test_the_same_moment_gives_the_same_bytes(lake: Lake, tmp_path: Path) -> None:
    paths = tmp_path / "one.png", tmp_path / "two.png"
    for path in paths:
        render_hud(
            hud_lake.SYMBOL,
            hud_lake.DAY,
            end_s(AT),
            path,
            lake=lake,
            look=Look(size_of(60, 30)),
            with_card=True,
        )
    one, two = (path.read_bytes() for path in paths)
    assert one == two


def test_an_unknown_level_is_refused_as_by_levels(lake: Lake) -> None:
    with pytest.raises(SpymasterError) as refused:
        view_at(lake, AT, "pm_highest")
    at = hud_lake.window_end(AT)
    with pytest.raises(SpymasterError) as by_levels:
        read_levels(lake, hud_lake.SYMBOL, hud_lake.DAY, at, "pm_highest")
    assert str(refused.value) == str(by_levels.value)
    assert "pm_highest: is no level" in str(refused.value)


def test_a_lake_without_levels_says_what_is_missing(tmp_path: Path) -> None:
    without = ("silver.level_corridor_1s",)
    lake = hud_lake.write_lake(Lake(tmp_path / "lake"), count=600, without=without)
    said = sheet_of(view_at(lake, 500)).sentences
    assert said.startswith("silver.level_corridor_1s: is not in the published file")


def test_words_break_between_words_alone() -> None:
    lines = wrapped("one two three four", 9, lambda text, *_: float(len(text)))
    assert lines == ["one two", "three", "four"]

"""A lake that was built with Shanghai's zone shows and reads Shanghai's times everywhere."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from spymaster.cli import cli
from spymaster.clock import clock_of_lake
from spymaster.plot.canvas import Canvas
from spymaster.setups.card import card_heading
from spymaster.setups.links import with_links
from spymaster.setups.read_answer import Answer
from spymaster.setups.spot import spot_moment
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support import hud_lake, level_words_lake, plot_lake, retest_lake
from support.clock import NEW_YORK, SHANGHAI, record_zone
from support.hud_page import launched, opened
from support.relations_of_models import create_relation
from support.stream_server import serving

# 13:40 UTC
AT = dt.datetime(2025, 10, 1, 13, 40)


def run(lake: Lake, *arguments: str) -> str:
    result = CliRunner().invoke(cli, list(arguments), env={LAKE_VARIABLE: str(lake.root)})
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the texts of pictures, which are filled in as they are drawn."""
    texts: list[str] = []
    draw: Callable[..., object] = Canvas.text

    def text(self: Canvas, x: float, y: float, words: str, **look: object) -> object:
        texts.append(words)
        return draw(self, x, y, words, **look)

    monkeypatch.setattr(Canvas, "text", text)
    return texts


@pytest.fixture(scope="module")
def screen_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = hud_lake.write_lake(Lake(tmp_path_factory.mktemp("hud") / "lake"))
    record_zone(lake.published, SHANGHAI)
    return lake


def test_levels_are_those_of_a_shanghai_time(tmp_path: Path) -> None:
    lake = level_words_lake.write_lake(tmp_path / "lake")
    record_zone(lake.published, SHANGHAI)
    lines = run(
        *(lake, "levels", "--symbol", "ESZ5", "--dt", "2025-10-01", "--at", "21:40:00")
    ).splitlines()
    assert lines[0] == "ESZ5 2025-10-01 21:40:00 Shanghai, spot 6800"
    assert lines[-1].endswith("provisional until 21:45 Shanghai")


def test_retests_are_those_known_by_a_shanghai_time(tmp_path: Path) -> None:
    at = retest_lake.at
    lake = retest_lake.retest_lake(tmp_path / "lake", [retest_lake.event("10:00", "FAILS")])
    record_zone(lake.published, SHANGHAI)
    asked = ("setups", "--symbol", "ESZ5", "--dt", str(retest_lake.DAY), "--pattern", "retest")
    assert NEW_YORK.local(at("10:30")).hour == 10
    card = run(lake, *asked, "--level", "pm_high", "--at", "22:30:00")
    assert "22:30:00 Shanghai, pm_high" in card
    assert "through pm_high at 22:00:00" in card
    assert "22:30:00 Shanghai, breaks and retests" in run(lake, *asked, "--at", "22:30:00")
    early = CliRunner().invoke(
        cli, [*asked, "--at", "21:59:00"], env={LAKE_VARIABLE: str(lake.root)}
    )
    assert "by 21:59 Shanghai" in str(early.exception)


def test_the_card_of_an_answer_and_its_neighbors_have_shanghai_times() -> None:
    moment = {
        "symbol": "ESZ5",
        "dt": AT.date(),
        "level_id": "pm_high",
        "level_price_int": 6800 * 10**9,
        "window_end_ts": AT,
        "k_ticks": 2,
        "approach_dir": "approach_up",
        "decision_phase": "approaching",
        "retrieval_family": "level",
    }
    fields = dict.fromkeys(field.name for field in dataclasses.fields(Answer))
    answer = Answer(**fields | {"moment": moment, "clock": SHANGHAI})
    assert card_heading(answer)[0] == "ESZ5 2025-10-01 21:40:00 Shanghai, pm_high 6800"
    linked = with_links(moment, SHANGHAI)
    assert linked["shanghai"] == "2025-10-01 21:40:00"
    assert linked["command"].endswith("--at 21:40:00")


def test_a_moment_without_a_level_is_refused_with_its_shanghai_time(tmp_path: Path) -> None:
    path = tmp_path / "published.duckdb"
    relations = (
        *("bronze.ingest_manifest", "gold.retrieval_settings", "gold.spot_vectors"),
        *("silver.contract_days", "silver.spot_moments", "silver.book_snapshot_1s"),
        "steps.spot_pools",
    )
    with duckdb.connect(str(path)) as connection:
        for relation in relations:
            create_relation(connection, relation)
    record_zone(path, SHANGHAI)
    with (
        duckdb.connect(str(path)) as connection,
        pytest.raises(SpymasterError, match="ESZ5 2025-10-01 21:40:00 Shanghai"),
    ):
        spot_moment(connection, "ESZ5", AT.date(), AT)


def test_a_plot_has_shanghai_times(tmp_path: Path, drawn: list[str]) -> None:
    lake = plot_lake.write_lake(Lake(tmp_path / "lake"))
    record_zone(lake.published, SHANGHAI)
    out = tmp_path / "a.png"
    asked = ("plot", "--symbol", "ESZ5", "--dt", "2025-10-01", "--out", str(out))
    said = run(lake, *asked, "--start", "21:30:00", "--end", "21:30:12")
    assert said == f"{out}: ESZ5 2025-10-01 21:30:00 to 21:30:12 Shanghai\n"
    assert "ESZ5   2025-10-01   21:30:00 to 21:30:12 Shanghai" in drawn
    assert "Shanghai time, HH:MM:SS" in drawn
    refused = CliRunner().invoke(
        cli,
        [*asked, "--start", "09:30:00", "--end", "09:31:00"],
        env={LAKE_VARIABLE: str(lake.root)},
    )
    assert "it holds 2025-10-01 21:30:00 to 2025-10-01 21:30:12 Shanghai" in str(refused.exception)


def test_the_picture_of_the_screen_has_shanghai_times(
    screen_lake: Lake, tmp_path: Path, drawn: list[str]
) -> None:
    out = tmp_path / "a.png"
    asked = ("hud", "--symbol", "ESZ5", "--dt", "2025-10-01", "--out", str(out), "--seconds", "60")
    said = run(screen_lake, *asked, "--end", "21:40:00")
    assert said == f"{out}: ESZ5 2025-10-01 21:40:00 Shanghai\n"
    assert "ESZ5   2025-10-01 21:40:00 Shanghai" in drawn
    assert any(words.startswith("Shanghai time, ") for words in drawn)
    assert any(words.startswith("ESZ5 2025-10-01 21:40:00 Shanghai, spot") for words in drawn)
    refused = CliRunner().invoke(
        cli, [*asked, "--end", "09:40:00"], env={LAKE_VARIABLE: str(screen_lake.root)}
    )
    assert "its windows end at 2025-10-01 21:30:01 to" in str(refused.exception)
    assert str(refused.exception).rstrip(")").endswith(" Shanghai")


def test_an_explanation_reads_and_says_shanghai_times(screen_lake: Lake) -> None:
    asked = ("explain", "--symbol", "ESZ5", "--dt", "2025-10-01", "--at", "20:00:00")
    result = CliRunner().invoke(
        cli,
        [*asked, "--relation", "physics", "--column", "above_score"],
        env={LAKE_VARIABLE: str(screen_lake.root)},
    )
    said = str(result.exception)
    assert "2025-10-01 20:00:00 Shanghai" in said
    assert "times from 21:30:01 to 22:11:00 Shanghai" in said


def test_the_page_shows_shanghai_times(screen_lake: Lake) -> None:
    with (
        serving(screen_lake) as server,
        launched() as browser,
        opened(browser, f"http://{server.host}", color_scheme="dark") as screen,
    ):
        described = server.api("meta", symbol="ESZ5", dt="2025-10-01").json()
        assert (described["local_tz"], described["city"]) == ("Asia/Shanghai", "Shanghai")
        screen.show(hud_lake.COUNT - 1)
        assert screen.text("#clock") == "22:11:00 Shanghai, 14:11:00 UTC"
        times = screen.page.locator("#times")
        assert times.get_attribute("aria-label") == "Time in Shanghai and UTC"
        screen.page.keyboard.press("a")
        screen.page.get_by_label("Time of day, Shanghai").wait_for()
        listed = screen.page.locator("#approaches").inner_text()
        assert "Approaches to levels, Shanghai time" in listed
        assert "Breaks and retests, Shanghai time" in listed
        assert "22:01:41" in listed


def test_the_zone_before_a_build_is_that_of_the_settings(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    assert clock_of_lake(lake) == NEW_YORK
    lake.make_root()
    (lake.root / "spymaster.toml").write_text('[study]\nlocal_tz = "Asia/Shanghai"\n')
    assert clock_of_lake(lake) == SHANGHAI
    # a lake is shown with the zone that it was built with
    lake.published.parent.mkdir(parents=True, exist_ok=True)
    record_zone(lake.published, NEW_YORK)
    assert clock_of_lake(lake) == NEW_YORK


@pytest.mark.parametrize(
    ("time", "utc"),
    [
        ("08:00:00", "2025-10-01T00:00:00"),
        ("09:30:00", "2025-10-01T01:30:00"),
        ("23:59:59", "2025-10-01T15:59:59"),
        # of the local date after the UTC date
        ("00:00:00", "2025-10-01T16:00:00"),
        ("07:59:59", "2025-10-01T23:59:59"),
    ],
)
def test_every_shanghai_time_lies_within_a_utc_day(time: str, utc: str) -> None:
    moment = SHANGHAI.utc_of(dt.date(2025, 10, 1), dt.time.fromisoformat(time))
    assert moment == dt.datetime.fromisoformat(utc)
    assert SHANGHAI.time(moment) == time

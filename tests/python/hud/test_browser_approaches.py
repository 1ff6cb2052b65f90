"""Approaches and retests: the list, the marks, and the keys that step from one to the next."""

from __future__ import annotations

from support import hud_lake
from support.hud_page import FIRST_SECOND, Screen
from support.opened_page import press


def test_approaches_keep_their_outcome_hidden_until_it_is_past(screen: Screen) -> None:
    (level, _, first, last), _ = hud_lake.EPISODES
    screen.show(first + 10)
    press(screen, "a")
    listed = screen.page.locator(".approach-list li")
    screen.wait("document.querySelectorAll('.approach-list li').length === 1")
    assert level.replace("_", " ") in listed.first.inner_text()
    assert "hidden until it is past" in listed.first.inner_text()
    assert "touched" not in listed.first.inner_text()
    screen.page.get_by_role("button", name="1 more later").click()
    assert listed.count() == 2
    # labels end 240 s after the last decision
    screen.show(last + 260)
    press(screen, "a")
    screen.wait("document.querySelectorAll('.approach-list li').length === 1")
    screen.page.get_by_role("button", name="1 more later").click()
    assert "hidden" not in listed.first.inner_text()
    assert "hidden" in listed.last.inner_text()
    press(screen, "Escape")
    assert not screen.page.locator("#approaches").is_visible()


def test_the_list_of_approaches_is_filtered_and_closes(screen: Screen) -> None:
    screen.show(hud_lake.EPISODES[1][3])
    press(screen, "a")
    listed = screen.page.locator(".approach-list li")
    screen.wait("document.querySelectorAll('.approach-list li').length === 2")
    by_level = screen.page.get_by_label("Level", exact=True)
    assert by_level.locator("option").all_inner_texts() == ["any level", "or high", "pm low"]
    by_level.select_option("pm low")
    assert [text.split()[1:3] for text in listed.all_inner_texts()] == [["pm", "low,"]]
    by_level.select_option("")
    # the second one is under way
    known = screen.page.get_by_role("button", name="Outcome known")
    known.click()
    assert listed.count() == 1
    assert "or high" in listed.first.inner_text()
    known.click()
    # both begin in one hour: 10:01:41 and 10:08:21
    by_hour = screen.page.get_by_label("Time of day, New York")
    assert by_hour.locator("option").all_inner_texts() == ["any time", "10:00 to 10:59"]
    by_hour.select_option("10")
    assert listed.count() == 2
    # keys step through what is listed
    by_level.select_option("or high")
    press(screen, "Escape")
    press(screen, "b")
    screen.wait(f"hud.player.second === {hud_lake.EPISODES[0][2] - 30 + FIRST_SECOND}")
    screen.wait()
    screen.page.keyboard.press("n")
    screen.wait("document.getElementById('note').textContent.includes('no later approach')")
    press(screen, "a")
    screen.wait("!document.getElementById('approaches').hidden")
    by_level.select_option("")
    screen.page.get_by_role("button", name="2 more later").click()
    screen.wait("document.querySelectorAll('.approach-list li').length === 2")
    listed.last.locator("button").click()
    screen.wait(f"hud.player.second === {hud_lake.EPISODES[1][2] - 30 + FIRST_SECOND}")
    assert not screen.page.locator("#approaches").is_visible()
    # the card keeps the level of the approach
    screen.wait()
    assert screen.text("#card h2") == "pm low"
    assert screen.page.locator("#card .pin").get_attribute("aria-pressed") == "true"
    screen.page.keyboard.press("b")
    screen.wait(f"hud.player.second === {hud_lake.EPISODES[0][2] - 30 + FIRST_SECOND}")
    screen.wait()
    assert screen.text("#card h2") == "or high"


def test_retests_show_what_is_known(screen: Screen) -> None:
    broken, back, end = hud_lake.RETEST
    listed = screen.page.locator(".retest-list li")
    for second, words in (
        (broken + 20, "not back yet"),
        (back + 10, "conditions partial; hidden until it is past"),
        (end + 10, "conditions partial; failed"),
    ):
        screen.show(second)
        press(screen, "a")
        screen.wait("document.querySelectorAll('.retest-list li').length === 1")
        assert "or high, 6660.00, broken up" in listed.first.inner_text()
        assert words in listed.first.inner_text()
    screen.show(broken)
    press(screen, "a")
    screen.wait("document.querySelectorAll('.approach-list li').length === 1")
    assert listed.count() == 0


def marks(screen: Screen) -> list[tuple[int, str, str]]:
    """Return second, step and outcome of each mark, and check that it lies on the level."""
    found = screen.value(
        """[...document.querySelectorAll(".retest-mark")].map((mark) => {
            const own = mark.getBoundingClientRect();
            const box = document.getElementById("grid-box").getBoundingClientRect();
            const x = Math.floor(own.x + own.width / 2 - box.x);
            const y = Math.floor(own.y + own.height / 2 - box.y);
            const { step, outcome } = mark.dataset;
            return [hud.view.secondAt(x), hud.view.tickAt(y), step, outcome]; })"""
    )
    assert {tick for _, tick, *_ in found} <= {hud_lake.ASK_WALL}
    return [(second - FIRST_SECOND, step, outcome) for second, _, step, outcome in found]


def test_marks_show_each_step_once_it_is_known(screen: Screen) -> None:
    broken, back, end = hud_lake.RETEST
    listed = "hud.screen.retestMarks.listedAt >= hud.player.second && !hud.screen.isAsked"
    steps: dict[int, list[tuple[int, str, str]]] = {
        broken + 9: [],
        broken + 10: [(broken, "break", "")],
        back - 1: [(broken, "break", "")],
        back: [(broken, "break", ""), (back, "retest", "")],
        end - 1: [(broken, "break", ""), (back, "retest", "")],
        end: [(broken, "break", ""), (back, "retest", "FAILS")],
    }
    for second, shown in steps.items():
        screen.show(second)
        screen.wait(listed)
        assert marks(screen) == shown, second
    # going back hides what the page has got, and asks for nothing
    asked: list[str] = []
    screen.page.on("request", lambda request: asked.append(request.url))
    for second, shown in reversed(steps.items()):
        screen.value(f"hud.player.seek({second + FIRST_SECOND})")
        screen.wait()
        assert marks(screen) == shown, second
    assert not [url for url in asked if "retests" in url]


def test_a_mark_says_what_it_is_and_hides_with_the_levels(screen: Screen) -> None:
    broken, back, end = hud_lake.RETEST
    screen.show(back + 10)
    screen.wait("hud.screen.retestMarks.marks.length === 2")
    box = screen.page.locator("#grid").bounding_box()

    def tip_at(second: int) -> str:
        x, y = screen.value(
            f"[hud.view.x({second + FIRST_SECOND}), hud.view.y({hud_lake.ASK_WALL}) + 1]"
        )
        screen.page.mouse.move(box["x"] + x, box["y"] + y)
        return screen.text("#tip")

    words = "or high, 6660.00, broken up at 10:03:20; back at 10:04:10; conditions partial; "
    assert words + "hidden until it is past" in tip_at(back)
    assert words in tip_at(broken)
    assert "broken" not in tip_at(broken + 25)
    tip_at(back)
    screen.value(f"hud.player.seek({end + 5 + FIRST_SECOND})")
    screen.wait("hud.screen.retestMarks.listedAt >= hud.player.second && !hud.screen.isAsked")
    assert words + "failed" in tip_at(back)
    press(screen, "l")
    assert marks(screen) == []
    assert "broken" not in tip_at(back)
    press(screen, "l")
    assert len(marks(screen)) == 2


def test_keys_step_from_approach_to_approach(screen: Screen) -> None:
    starts = [first - 30 for _, _, first, _ in hud_lake.EPISODES]
    screen.show(2_100)
    for key, start in (("n", starts[1]), ("b", starts[0]), ("n", starts[1])):
        screen.page.keyboard.press(key)
        screen.wait(f"hud.player.second === {start + FIRST_SECOND}")
        screen.wait()
    screen.page.keyboard.press("n")
    screen.wait("document.getElementById('note').textContent.includes('no later approach')")


def test_back_skips_an_approach_that_has_just_begun_to_play(screen: Screen) -> None:
    starts = [first - 30 for _, _, first, _ in hud_lake.EPISODES]
    screen.show(starts[1])
    # a slow machine presses the second key in time too
    screen.value("hud.player.setSpeed(0.1)")
    screen.page.keyboard.press(" ")
    screen.page.keyboard.press("b")
    screen.wait(f"Math.abs(hud.player.second - {starts[0] + FIRST_SECOND}) < 30")
    screen.page.keyboard.press(" ")

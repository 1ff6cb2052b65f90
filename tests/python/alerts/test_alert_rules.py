"""Rules of alerts in a lake's file: what they give, and what refuses them; a second in all."""

from __future__ import annotations

from pathlib import Path

import pytest
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_warehouse.settings.alerts import AlertRule
from spymaster_warehouse.settings.changes import settings_as_text
from spymaster_warehouse.settings.file import read_settings
from spymaster_warehouse.settings.in_force import (
    alerts_in_force,
    settings_that_differ,
    vars_in_force,
)


def lake_with(folder: Path, text: str) -> Lake:
    lake = Lake(folder)
    lake.settings.write_text(text, encoding="utf-8")
    return lake


def rules_of(folder: Path, text: str) -> dict[str, AlertRule]:
    return {rule.name: rule for rule in alerts_in_force(lake_with(folder, text)).rules}


def test_without_a_file_some_rules_are_on(tmp_path: Path) -> None:
    settings = alerts_in_force(Lake(tmp_path))
    rules = {rule.name: rule for rule in settings.rules}
    assert list(rules) == ["near", "touch", "held"]
    assert "pm_high" in rules["touch"].levels
    assert rules["near"].values == {"ticks": 4, "margin": 2}
    assert all(rule.sound and rule.webhook is None for rule in settings.rules)
    assert read_settings(Lake(tmp_path)).alerts is None


def test_a_file_changes_adds_and_switches_off_rules(tmp_path: Path) -> None:
    rules = rules_of(
        tmp_path,
        """
        [alerts]
        sound = false
        webhook = "$DESK"
        [alerts.near]
        ticks = 6
        level_kinds = ["pm"]
        [alerts.touch]
        on = false
        [alerts.held]
        kind = "iceberg"
        sound = true
        webhook = "none"
        [alerts.big_wall]
        kind = "wall"
        ratio = 8.5
        events = ["pulled", "eaten"]
        products = ["CL"]
        levels = ["round_2.5", "own:my level"]
        rearm_s = 5
        """,
    )
    assert list(rules) == ["near", "held", "big_wall"]
    assert rules["near"] == AlertRule(
        "near",
        "near",
        {"ticks": 6, "margin": 2},
        level_kinds=("pm",),
        sound=False,
        webhook="$DESK",
        rearm_s=30,
    )
    # of another kind, it keeps nothing of the rule that it replaces
    assert rules["held"].values == {"contracts": 20, "ticks": 2}
    assert (rules["held"].sound, rules["held"].webhook) == (True, None)
    assert rules["big_wall"] == AlertRule(
        "big_wall",
        "wall",
        {"events": ["pulled", "eaten"], "ratio": 8.5, "margin": 1, "points": 2},
        levels=("round_2.5", "own:my level"),
        products=("CL",),
        sound=False,
        webhook="$DESK",
        rearm_s=5,
    )


def test_no_relation_is_made_of_rules(tmp_path: Path) -> None:
    """They are no vars, so a change of them makes no partition again."""
    lake = lake_with(tmp_path, "[alerts.near]\nticks = 9\n[alerts]\nlate_s = 3\n")
    assert settings_as_text(vars_in_force(lake)) == settings_as_text(
        vars_in_force(Lake(tmp_path / "x"))
    )
    assert not settings_that_differ(lake)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("alerts = 3", "is no section"),
        ("[alert]\nsound = true", "did you mean 'alerts'?"),
        ("[alerts]\nsounds = true", "did you mean 'sound'?"),
        ("[alerts]\nlate_s = -1", r"\[alerts\] late_s: -1 is no whole number"),
        ("[[alerts.rule]]\nkind = 'near'", "there is no setting of .alerts. 'rule'"),
        ("[alerts.Wall]\nkind = 'wall'", r"\[alerts.Wall\]: a rule cannot have this name"),
        ("[alerts.a]\nticks = 3", r"\[alerts.a\] has no kind \(kinds are near, held"),
        ("[alerts.a]\nkind = 'walls'", "did you mean 'wall'"),
        ("[alerts.a]\nkind = ['wall']", "there is no kind"),
        ("[alerts.near]\ntick = 3", "did you mean 'ticks'?"),
        ("[alerts.near]\nticks = 2.5", "ticks: 2.5 is no whole number"),
        ("[alerts.near]\nlevels = ['pmhigh']", "each a level such as pm_high"),
        ("[alerts.near]\nlevels = 'pm_high'", "is no list of"),
        ("[alerts.held]\nstates = ['both']", "value of all_four, ahead_only"),
        ("[alerts.a]\nkind = 'score'", "asks for nothing"),
        (
            "[alerts.a]\nkind = 'gamma_wall'\nlevels = ['pm_high']",
            "no setting of .alerts.a. 'levels'",
        ),
        ("[alerts.a]\nkind = 'wall'\nratio = nan", "ratio: nan is no number above 0"),
        ("[alerts]\nwebhook = 'ftp://secret'", "webhook: the value is no address"),
        ("[alerts.near]\nwebhook = 'https://a b'", "webhook: the value is no address"),
    ],
)
def test_what_cannot_be_is_one_line_that_names_it(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SpymasterError, match=words) as raised:
        read_settings(lake_with(tmp_path, text))
    line = str(raised.value)
    assert "\n" not in line
    assert line.startswith(str(tmp_path))
    assert "secret" not in line

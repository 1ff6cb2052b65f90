"""The outlet of a run hands alerts on and never fails; a second in all."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
from spymaster.alerts.alert import Alert
from spymaster.alerts.outlet import AlertsOutlet
from spymaster_warehouse.settings.alerts import AlertSettings
from support.alert_rows import (
    COLUMNS,
    SECOND,
    START,
    GivenRows,
    known,
    levels_at,
    rules,
    seconds_of,
)

NEAR = {"kind": "near", "ticks": 4, "margin": 2}


def outlet(
    settings: AlertSettings, *sinks: Any, webhooks: dict[str, Any] | None = None
) -> tuple[AlertsOutlet, list[str]]:
    said: list[str] = []
    made = AlertsOutlet(known(), settings, set(COLUMNS), sinks, webhooks or {}, said.append)
    return made, said


class FailingRows(GivenRows):
    """Rows of a run that does not make a relation."""

    def rows(self, relation: str, from_ts: dt.datetime, to_ts: dt.datetime) -> pa.Table:
        if relation == "silver.levels_1s":
            raise KeyError(relation)
        return super().rows(relation, from_ts, to_ts)


class Hook:
    """A webhook as far as the outlet knows it."""

    def __init__(self) -> None:
        self.taken: list[Alert] = []
        self.is_closed = False

    def __call__(self, alert: Alert) -> None:
        self.taken.append(alert)

    def close(self) -> None:
        self.is_closed = True


def test_every_sink_takes_every_alert_and_a_webhook_those_of_its_rule() -> None:
    first: list[Alert] = []
    last: list[Alert] = []
    hook = Hook()

    def fail(alert: Alert) -> None:
        raise ValueError("no screen")

    settings = rules(posted=NEAR, quiet={**NEAR, "sound": False})
    made, said = outlet(settings, first.append, fail, last.append, webhooks={"posted": hook})
    given = levels_at([9, 4, 9, 4])
    for second in range(4):
        made.stepped(given, START + second * SECOND, START + (second + 1) * SECOND)
    assert first == last
    assert [(alert.rule, alert.sound) for alert in first] == 2 * [
        ("posted", True),
        ("quiet", False),
    ]
    assert [alert.rule for alert in hook.taken] == ["posted", "posted"]
    assert said == ["alerts: a sink fails: ValueError: no screen"]
    made.ended(None)
    assert hook.is_closed


def test_what_is_late_when_a_run_begins_is_counted_and_not_sent() -> None:
    taken: list[Alert] = []
    settings = rules(a=NEAR)
    made, said = outlet(settings, taken.append)
    k_ticks = [4, 9, 4, 9] + [9] * (settings.late_s - 2) + [4, 4]
    made.stepped(levels_at(k_ticks), START, START + len(k_ticks) * SECOND)
    # the second one began 61 seconds ago
    assert seconds_of(taken) == [len(k_ticks) - 1]
    assert said == ["alerts: 2 of before 13:45:03 UTC are not sent"]


def test_a_run_without_a_relation_goes_on_and_says_so_once() -> None:
    taken: list[Alert] = []
    made, said = outlet(rules(a=NEAR), taken.append)
    for second in range(3):
        made.stepped(FailingRows(), START + second * SECOND, START + (second + 1) * SECOND)
    assert said == ["alerts: no rule is evaluated: silver.levels_1s is not made"]
    made.stepped(levels_at([4] * 5), START + 3 * SECOND, START + 5 * SECOND)
    assert seconds_of(taken) == [4]


def test_what_is_not_live_is_said_once_and_other_rules_go_on() -> None:
    said: list[str] = []
    taken: list[Alert] = []
    live = COLUMNS.keys() - {"silver.walls_1s", "silver.wall_fates_1s", "gold.level_signals"}
    settings = rules(a=NEAR, b={"kind": "wall", "events": ["appears", "eaten"]})
    made = AlertsOutlet(known(), settings, live, [taken.append], {}, said.append)
    assert said == [
        "alert rule b (appears) is not available: silver.walls_1s is not live",
        "alert rule b (pulled, eaten) is not available: silver.wall_fates_1s is not live",
    ]
    assert made.relations <= live
    made.stepped(levels_at([4, 4]), START, START + 2 * SECOND)
    assert seconds_of(taken) == [1]
    assert len(said) == 2

"""Alerts of a run: an outlet that evaluates each step and hands what begins to sinks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress

import duckdb
from spymaster_ingest.console import err
from spymaster_ingest.errors import SpymasterError, one_line
from spymaster_ingest.lake import Lake
from spymaster_warehouse.settings.alerts import AlertSettings
from spymaster_warehouse.settings.in_force import alerts_in_force

from spymaster.alerts.alert import Alert, Sink
from spymaster.alerts.evaluate import Evaluator
from spymaster.alerts.kinds import relations_of
from spymaster.alerts.known import NEEDED, Known, read_known
from spymaster.alerts.webhook import Webhook, address_of, webhooks_of
from spymaster.live.feeds import Chunk
from spymaster.live.models import live_models
from spymaster.live.outlets import Rows, Snap
from spymaster.published import open_published

Say = Callable[[str], None]


class AlertsOutlet:
    """Hears of a run, and hands the alerts of its rules to sinks.

    An alert that is older than ``late_s`` of the settings when its step ends is counted and not
    sent, as are those of the day so far when a run begins.

    Args:
        known: of the day before it begins.
        settings: rules of alerts.
        live: relations that are live, with their schema.
        sinks: that take every alert.
        webhooks: by the name of the rule whose alerts they take; closed at the end.
        say: takes a line on what cannot be done; called from threads of webhooks too.

    Attributes:
        relations: that the rules read; the run has to make them.
    """

    def __init__(
        self,
        known: Known,
        settings: AlertSettings,
        live: Collection[str],
        sinks: Sequence[Sink],
        webhooks: Mapping[str, Webhook],
        say: Say,
    ) -> None:
        self._say, self._webhooks = say, webhooks
        self._late = dt.timedelta(seconds=settings.late_s)
        self._sinks = list(sinks)
        self._evaluator = Evaluator(known, settings, live, "live", say)
        self.relations = relations_of(self._evaluator.rules, live)
        self._failed: set[object] = set()

    def captured(self, chunk: Chunk, first: int) -> None:
        """Take records that the capture has; alerts need none."""

    def stepped(self, rows: Rows, from_ts: dt.datetime, to_ts: dt.datetime) -> None:
        """Evaluate the rules over the seconds whose ends lie in (from_ts, to_ts]."""
        try:
            alerts = self._evaluator.alerts(rows, from_ts, to_ts)
        except (SpymasterError, duckdb.Error, KeyError) as error:
            # a run that does not make a relation has no rows under its name
            what = (
                f"{error.args[0]} is not made" if isinstance(error, KeyError) else one_line(error)
            )
            self._say_once("step", f"alerts: no rule is evaluated: {what}")
            return
        self._failed.discard("step")
        late = [alert for alert in alerts if to_ts - alert.time > self._late]
        if late:
            self._say(f"alerts: {len(late):,} of before {late[-1].time:%H:%M:%S} UTC are not sent")
        for alert in alerts[len(late) :]:
            self._hand(alert)

    def snapped(self, snap: Snap) -> None:
        """Rules are of whole seconds."""

    def ended(self, reason: str | None) -> None:
        """Close what posts alerts; it tries what waits once more, without this waiting."""
        for webhook in self._webhooks.values():
            webhook.close()
        self._evaluator.close()

    def _hand(self, alert: Alert) -> None:
        """Give an alert to every sink; one that fails does not keep it from the others."""
        of_rule = self._webhooks.get(alert.rule)
        sinks: list[Sink] = [*self._sinks, *([of_rule] if of_rule else [])]
        for sink in sinks:
            try:
                sink(alert)
            except Exception as error:
                self._say_once(sink, f"alerts: a sink fails: {type(error).__name__}: {error}")

    def _say_once(self, what: object, words: str) -> None:
        if what not in self._failed:
            self._failed.add(what)
            self._say(words)


def alerts_outlet(
    lake: Lake,
    symbol: str,
    day: dt.date,
    sinks: Sequence[Sink],
    settings: AlertSettings | None = None,
    say: Say | None = None,
) -> AlertsOutlet:
    """Return the outlet of the alerts of a run.

    Args:
        lake: with a published file that knows the contract-day.
        symbol: raw symbol of the contract.
        day: UTC date of the run.
        sinks: that take every alert: the screen, NATS.
        settings: rules; None takes those of the lake.
        say: takes a line on what cannot be done, from other threads too; None prints it.

    Raises:
        SpymasterError: The settings, the published file, the contract-day or the address of a
            webhook cannot be used.
    """
    settings = settings or alerts_in_force(lake)
    tell = say or _print
    with open_published(lake, NEEDED) as connection:
        known = read_known(connection, symbol, day)
        live = live_models(connection)
    addresses = {
        rule.name: address_of(rule.webhook, rule.name)
        for rule in settings.rules
        if rule.webhook is not None and (rule.products is None or known.root in rule.products)
    }
    webhooks = webhooks_of(addresses.values(), tell)
    by_rule = {name: webhooks[address] for name, address in addresses.items()}
    return AlertsOutlet(known, settings, live, sinks, by_rule, tell)


def _print(line: str) -> None:
    """Print a line; a terminal that is gone does not end the run."""
    with suppress(SpymasterError, OSError):
        err.print(line, markup=False)

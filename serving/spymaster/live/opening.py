"""A day that begins: what its live rows rest on, made by a build of what has come of it so far."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake

from spymaster.live.clock import clock_of
from spymaster.live.models import KEPT, live_models
from spymaster.published import open_published


def is_known(lake: Lake, symbol: str, day: dt.date) -> bool:
    """Return whether the published file knows a contract-day.

    Raises:
        SpymasterError: Nothing is published.
    """
    with open_published(lake, require=["silver.contract_days"]) as published:
        return bool(
            published.execute(
                "select 1 from silver.contract_days "
                "where symbol = ? and dt = ? and book_source is not null",
                [symbol, day],
            ).fetchall()
        )


def day_constants(lake: Lake) -> list[str]:
    """Return the models that live rows rest on and that know a day when it begins.

    They are what live models read, neither live themselves nor made second by second.

    Raises:
        SpymasterError: Nothing is published, or by a build of before live models.
    """
    with open_published(lake) as published:
        live = live_models(published)
        read = {name for model in live.values() for name in model.reads} - live.keys()
        built = {
            relation
            for (relation,) in published.execute("select relation from meta.model_sql").fetchall()
        }
        constants = []
        for name in sorted(read & built):
            if name.startswith(f"{KEPT}."):
                continue
            schema, _, plain = name.partition(".")
            described = published.execute(f'describe from "{schema}"."{plain}"').fetchall()
            if clock_of([column for column, *_ in described]) is None:
                constants.append(plain)
    return constants


def open_day(lake: Lake, files: Sequence[Path]) -> None:
    """Make a day known that has begun: land what has come of it, and build what it rests on.

    The partitions hold the day so far. The day's own files take their place when it has ended.

    Args:
        lake: with earlier days.
        files: DBN files of what has come: definitions, statistics and status, and records of each
            product and schema that the day will have.

    Raises:
        SpymasterError: A file cannot be landed, or the build fails; the commands have said why.
    """
    wanted = [f"+{name}" for name in day_constants(lake)]
    _run(lake, ["land", "--overwrite", *map(str, files)])
    _run(lake, ["build", "--select", *wanted, "--exclude", "resource_type:unit_test"])


def _run(lake: Lake, arguments: Sequence[str]) -> None:
    """Run a command of its own: a build holds its file, and dbt its process."""
    command = [sys.executable, "-c", "from spymaster.cli import main; main()", *arguments]
    environment = os.environ | {LAKE_VARIABLE: str(lake.root)}
    # standard output is for rows
    done = subprocess.run(  # noqa: S603 (its own program)
        command, env=environment, stdout=sys.stderr, check=False
    )
    if done.returncode:
        raise SpymasterError(
            f"spymaster {arguments[0]}", "failed, so that the day cannot begin", "see what it says"
        )

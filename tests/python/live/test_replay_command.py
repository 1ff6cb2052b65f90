"""``spymaster replay`` gives the rows of the build, second by second."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from click.testing import CliRunner, Result
from spymaster.cli import cli
from spymaster.live.captured_run import CapturedRun
from spymaster.live.run_folder import RunFolder, runs_of
from spymaster.live.run_rows import row_files
from spymaster.published import open_published
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support.explain_lake import SYMBOL
from support.synthetic_book import DAY

OF_DAY = ("--symbol", SYMBOL, "--dt", str(DAY))
# in the second minute of the surfaces, New York
SPAN = ("--start", "09:31:00", "--end", "09:31:06")
PATIENCE_S = 120
SPAN_UTC = (f"{DAY} 13:31:00", f"{DAY} 13:31:06")


def run(lake: Lake, *arguments: str) -> Result:
    return CliRunner().invoke(
        cli, ["replay", *arguments], env={LAKE_VARIABLE: str(lake.root), "COLUMNS": "200"}
    )


def test_rows_are_those_of_the_build(explained: Lake) -> None:
    result = run(explained, *OF_DAY, *SPAN, "--check")
    assert result.exit_code == 0, result.output
    with open_published(explained) as published:
        built = published.execute(
            "select payload from gold.level_signals where symbol = ? and window_end_ts > ? "
            "and window_end_ts <= ? order by window_end_ts",
            [SYMBOL, *SPAN_UTC],
        ).fetchall()
        [(n_records,)] = published.execute(
            "select count(*) from bronze.future_mbo where symbol = ? and ts_event < ?",
            [SYMBOL, SPAN_UTC[1]],
        ).fetchall()
    *payloads, compared = result.stdout.splitlines()
    assert payloads == [payload for (payload,) in built]
    assert len(built) == 6
    assert all(json.loads(payload)["symbol"] == SYMBOL for (payload,) in built)
    equal = re.fullmatch(
        r"([\d,]+) rows of (\d+) relations: every row equals the build's", compared
    )
    assert equal, compared
    n_rows, n_relations = equal.groups()
    assert int(n_rows.replace(",", "")) > 1_000
    assert int(n_relations) > 30
    # all that was read was captured
    [line] = [line for line in result.stderr.splitlines() if line.startswith("run ")]
    [folder] = RunFolder(explained.live / line.removeprefix("run ")).captures
    captured = CapturedRun(folder)
    n_captured = {
        (source.schema, source.product_type): sum(captured.counts(source, 0).values())
        for source in captured.sources
    }
    assert n_captured["mbo", "future"] >= n_records > 0
    # the orders and the trades of options are records too
    assert min(n_captured["mbo", "future_option"], n_captured["trades", "future_option"]) > 0


def test_what_cannot_be_replayed_is_refused(explained: Lake) -> None:
    for arguments, words in (
        (["--symbol", "ESH6", "--dt", str(DAY), *SPAN], "is not built"),
        ([*OF_DAY, "--start", "09:31:00", "--end", "09:31:00"], "not after the start"),
        ([*OF_DAY, *SPAN, "--relation", "gold.approaches"], "is not live"),
    ):
        result = run(explained, *arguments)
        assert isinstance(result.exception, SpymasterError), result.output
        assert words in str(result.exception)


def test_a_killed_replay_goes_on(explained: Lake) -> None:
    """Killed after its first checkpoint: its files hold the rows of the build, each once."""
    span = ("--start", "09:30:50", "--end", "09:32:10")
    arguments = [Path(sys.executable).with_name("spymaster"), "replay", *OF_DAY, *span]
    environment = os.environ | {LAKE_VARIABLE: str(explained.root)}
    # with a short pipe the process waits to be read, so that it does not end before it is killed
    with subprocess.Popen(
        arguments,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        pipesize=4096,
    ) as killed:
        assert killed.stdout
        # the step of 09:31:30 comes after the checkpoint of 09:31:00
        before = [json.loads(killed.stdout.readline()) for _ in range(40)]
        folder = runs_of(explained, SYMBOL, DAY, "replay")[-1]
        until = time.monotonic() + PATIENCE_S
        while not folder.checkpoint.exists() and time.monotonic() < until:
            time.sleep(0.02)
        killed.send_signal(signal.SIGKILL)
    assert not folder.is_ended
    assert folder.checkpoint.exists()
    result = run(explained, *OF_DAY, *span, "--resume")
    assert result.exit_code == 0, result.output
    assert f"run {folder.name}" in result.stderr
    after = [json.loads(line) for line in result.stdout.splitlines()]
    assert 0 < len(after) < 80
    by_ts = {row["ts"]: row for row in (*before, *after)}
    with open_published(explained) as published:
        built = published.execute(
            "select payload, window_end_ts from gold.level_signals where symbol = ? "
            "and window_end_ts > ? and window_end_ts <= ? order by window_end_ts",
            [SYMBOL, f"{DAY} 13:30:50", f"{DAY} 13:32:10"],
        ).fetchall()
        files = [str(path) for path in row_files(folder.rows, "gold.level_signals")]
        kept = published.execute(
            "select payload, window_end_ts from read_parquet($files) order by window_end_ts",
            {"files": files},
        ).fetchall()
    assert list(by_ts.values()) == [json.loads(payload) for payload, _ in built]
    assert kept[-len(built) :] == built
    # every record was captured once
    assert len(folder.captures) == 2
    parts = [CapturedRun(part) for part in folder.captures if (part / "run.json").exists()]
    with open_published(explained) as published:
        [(n_records,)] = published.execute(
            "select count(*) from bronze.future_mbo where symbol = ? and dt = ?", [SYMBOL, DAY]
        ).fetchall()
    n_captured = sum(int(part.index["count"].sum()) for part in parts)
    assert 0 < n_captured <= n_records

"""``spymaster replay`` gives the rows of the build, second by second."""

from __future__ import annotations

import json
import re

from click.testing import CliRunner, Result
from spymaster.cli import cli
from spymaster.live.captured_run import CapturedRun
from spymaster.live.run_folder import RunFolder
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

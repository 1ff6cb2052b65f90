"""``spymaster catalogue``: the table, JSON, the picture, and errors in one line."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result
from matplotlib.image import imread
from spymaster.cli import cli
from spymaster.evaluation.movements import QUOTE_READINGS
from spymaster.patterns.reading_words import WORDS, sentence_of, title_of
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, PROJECT_ROOT, Lake
from support.relations_of_models import create_relation

PROFILE = "gold.key_movement_profile"
ASKS, SAME, BIDS = (
    "f2_ask_pull_add_log_rest",
    "u5_ask_pull_add_log_rest",
    "f4_bid_pull_add_log_rest",
)
# asks are shown from 9 s to 4 s before moves up, with their copy; bids a little, not shown
ROWS = f"""
    with cells as (
        select root, direction, reading, second
        from (values ('ES'), ('NQ')) as r(root)
        cross join (values ('up'), ('down')) as d(direction)
        cross join (values ('{ASKS}'), ('{SAME}'), ('{BIDS}')) as n(reading)
        cross join (select unnest(range(-30, 0)) as second)
    ),
    sized as (
        select
            *,
            case
                when root = 'ES' and direction = 'up' and reading != '{BIDS}'
                    and second between -9 and -4 then 1.0 - (second + 6) ** 2 / 100
                when reading = '{BIDS}' then 0.01 * second
                else 0.001
            end as z
        from cells
    )
    select
        root, direction, reading, second, z,
        0 as derivative, 40 as n_movements, 200 as n_matches,
        if(root = 'ES', 12, 1) as n_days,
        2 * z as mean, 0.0 as matched_mean, 2.0 as matched_std,
        if(root = 'ES', z - 0.2, null) as z_lo, if(root = 'ES', z + 0.2, null) as z_hi,
        10 * z as welch_t, if(root = 'ES', 4.0, null) as placebo_largest_q95,
        case
            when root = 'NQ' then 'too few movements' when z > 0.5 then 'shown' else 'not shown'
        end as verdict
    from sized
"""


def published(folder: Path, rows: str) -> Lake:
    lake = Lake(folder)
    lake.root.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(lake.published)) as connection:
        create_relation(connection, PROFILE)
        connection.execute(f"insert into {PROFILE} by name {rows}")
    return lake


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return published(tmp_path_factory.mktemp("judged"), ROWS)


def run(lake: Lake, *arguments: str) -> Result:
    environment = {LAKE_VARIABLE: str(lake.root)}
    return CliRunner().invoke(cli, ["catalogue", *arguments], env=environment)


def document(lake: Lake, *arguments: str) -> dict:
    result = run(lake, "--format", "json", *arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_the_strongest_comes_first_and_copies_only_once(lake: Lake) -> None:
    found = document(lake, "--symbol", "ESZ5")
    first, *others = found["readings"]
    assert (first["direction"], first["reading"]) == ("up", ASKS)
    assert (first["shown_from_s"], first["strongest_s"]) == (-9, -6)
    assert first["verdict"] == "shown"
    assert first["words"] == "asks are pulled more than they are added"
    assert (first["z"], first["n_movements"], first["n_days"]) == (1.0, 40, 12)
    assert [(row["direction"], row["reading"], row["verdict"]) for row in others] == [
        ("down", BIDS, "not shown"),
        ("up", BIDS, "not shown"),
        ("down", ASKS, "not shown"),
    ]
    # the bids are fewest long before the move
    assert others[0]["words"] == "bids are added more than they are pulled"
    assert others[0]["strongest_s"] == -30
    assert found["summaries"] == [
        "ES, moves down: 40 on 12 days; not shown: none of 2. Chance alone passes 4.00 standard "
        "errors somewhere in one of twenty catalogues.",
        "ES, moves up: 40 on 12 days; 1 of 2 readings shown. Chance alone passes 4.00 standard "
        "errors somewhere in one of twenty catalogues.",
    ]


def test_the_table_says_when_and_by_how_much(lake: Lake) -> None:
    text = run(lake, "--symbol", "ES", "--direction", "up", "--limit", "1").output
    assert "asks are pulled more than they are added" in text
    assert "from 9 s, most 6 s before" in text
    assert "+1.00 sd (+0.80 to +1.20)" in text
    assert "+10.0" in text
    assert "strays by luck alone" in text
    assert "1 weaker readings are left out; --limit shows more." in text
    assert "down" not in text
    assert "so it is compared with other turns of price" in text


def test_few_days_have_no_verdict_and_every_product_is_named(lake: Lake) -> None:
    text = run(lake).output
    assert "NQ, moves up: 40 on 1 day: too few movements for a verdict." in text
    assert "product" in text
    few = document(lake, "--symbol", "NQH6")
    assert {row["verdict"] for row in few["readings"]} == {"too few movements"}
    assert {row["z_lo"] for row in few["readings"]} == {None}


@pytest.mark.parametrize("arguments", [[], ["--symbol", "NQZ5"], ["--direction", "down"]])
def test_the_picture_is_the_same_each_time(
    lake: Lake, tmp_path: Path, arguments: list[str]
) -> None:
    path, again = tmp_path / "catalogue.png", tmp_path / "again.png"
    assert f"picture: {path}" in run(lake, "--plot", str(path), *arguments).output.replace("\n", "")
    run(lake, "--plot", str(again), *arguments)
    assert path.read_bytes() == again.read_bytes()
    height, width = imread(path).shape[:2]
    assert (width > 1_000) == ("--direction" not in arguments)
    assert height > 400


def refusal(lake: Lake, *arguments: str) -> str:
    result = run(lake, *arguments)
    assert result.exit_code == 1
    assert isinstance(result.exception, SpymasterError)
    return str(result.exception)


def test_errors_say_what_to_do(lake: Lake, tmp_path: Path) -> None:
    assert refusal(lake, "--symbol", "CLZ5") == (
        "CLZ5: no key movements have been judged, only those of ES, NQ (run `spymaster evaluate`)"
    )
    # a symbol that only begins like a product
    assert refusal(lake, "--symbol", "ESTX50").startswith("ESTX50: no key movements")
    assert refusal(published(tmp_path / "empty", f"{ROWS} limit 0")) == (
        f"{PROFILE}: no key movements have been judged (run `spymaster evaluate`)"
    )
    only_up = published(tmp_path / "up", f"select * from ({ROWS}) where direction = 'up'")
    assert refusal(only_up, "--direction", "down") == f"{PROFILE}: there are no key movements down"
    assert refusal(lake, "--plot", str(tmp_path / "no folder" / "x.png")).endswith(
        "x.png: cannot be written: No such file or directory"
    )
    for wrong in (["--direction", "sideways"], ["--limit", "0"], ["--format", "xml"]):
        assert run(lake, *wrong).exit_code == 2


def test_every_reading_has_words_or_is_a_copy_of_one_that_has() -> None:
    with (PROJECT_ROOT / "seeds/feature_names.csv").open(newline="") as lines:
        names = {row["name"] for row in csv.DictReader(lines)}
    radar = {name for name in names if re.match(r"[fu]\d+_", name) and f"d1_{name}" in names}
    assert len(radar) == 49
    text = (PROJECT_ROOT / "macros/surfaces/radar_features.sql").read_text(encoding="utf-8")
    copies = set(re.findall(r"'(u\d+_\w+)': '(?:-|1 - )?f\w+'", text))
    assert len(copies) > 10
    assert radar - copies == WORDS.keys() - set(QUOTE_READINGS)
    titles = [title_of(name, derivative) for name in WORDS for derivative in range(4)]
    assert len(set(titles)) == len(titles)
    for name in WORDS:
        assert sentence_of(name, 0, is_more=True) != sentence_of(name, 0, is_more=False)

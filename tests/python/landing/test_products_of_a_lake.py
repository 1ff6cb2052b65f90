"""``[products.NAME]`` of spymaster.toml: what it adds and changes, and what it refuses."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.products import (
    are_product_rows,
    own_products,
    product_rows,
    read_products,
    read_seed,
    root_of,
)

STOCK = """
kind = "equity"
tick_size = 0.01
currency = "CNY"
lot = 100
calendar = "XSHG"
definitions = "none"
"""
BREAKFAST = """
tick_size = "1/32"
point_value = 1000
sessions = [["09:30", "11:30"], ["13:00", "15:00"]]
time_zone = "Asia/Tokyo"
"""


def lake_of(folder: Path, text: str) -> Path:
    (folder / "spymaster.toml").write_text(text)
    return folder


def test_without_settings_the_products_are_those_of_the_seed(tmp_path: Path) -> None:
    assert own_products(tmp_path) == {}
    assert read_products(tmp_path) == read_seed()


def test_other_sections_are_not_read(tmp_path: Path) -> None:
    assert own_products(lake_of(tmp_path, "[study]\nwindow = 7\n")) == {}


def test_a_stock_by_its_calendar(tmp_path: Path) -> None:
    products = read_products(lake_of(tmp_path, f"[products.CN6]{STOCK}"))
    stock = products["CN6"]
    assert (stock.tick_size, stock.tick_int) == (Decimal("0.01"), 10_000_000)
    assert (stock.kind, stock.currency, stock.lot, stock.point_value) == ("equity", "CNY", 100, 1)
    assert (stock.calendar, stock.session_tz) == ("XSHG", "Asia/Shanghai")
    assert (stock.session_open_local, stock.session_close_local) == ("09:30:00", "15:00:00")
    assert (stock.barrier_mode, stock.definitions) == ("vol", "none")
    assert stock.ladder_step == 0.04
    assert root_of("CN6", products) == "CN6"
    # without the setting it is a future of June
    assert root_of("CN6", read_seed()) is None or root_of("CNM6", read_seed()) == "CN"


@pytest.mark.parametrize("tick", ['"1/32"', "0.03125", '"0.03125"'])
def test_ticks_are_exact(tmp_path: Path, tick: str) -> None:
    text = f"[products.XB]{BREAKFAST}".replace('"1/32"', tick)
    product = own_products(lake_of(tmp_path, text))["XB"]
    assert (product.tick_size, product.tick_int) == (Decimal("0.03125"), 31_250_000)
    assert product.calendar == "09:30-11:30,13:00-15:00"
    assert (product.session_open_local, product.session_close_local) == ("09:30:00", "15:00:00")


def test_a_section_changes_only_what_it_names(tmp_path: Path) -> None:
    [es] = own_products(lake_of(tmp_path, "[products.ES]\nladder_step = 2\n")).values()
    seed = read_seed()["ES"]
    assert es.ladder_step == 2
    assert {**vars(es), "ladder_step": None} == {**vars(seed), "ladder_step": None}


@pytest.mark.parametrize(
    ("section", "setting", "message"),
    [
        (
            "CN6",
            'tik_size = 0.01\nkind = "equity"',
            "tik_size: is no setting (do you mean tick_size",
        ),
        ("CN6", STOCK + "lot = 0", "Cannot overwrite a value"),
        ("CN6", STOCK.replace("100", "0"), "lot: 0 is no whole number from 1"),
        ("CN6", STOCK.replace("100", "true"), "lot: True is no whole number"),
        ("CN6", STOCK.replace("0.01", "0"), "tick_size: 0 is no whole number of 1e-9 points"),
        ("CN6", STOCK.replace("0.01", '"1/3"'), "tick_size: '1/3' is no whole number of 1e-9"),
        ("CN6", STOCK.replace("0.01", "nan"), "tick_size: nan is no price increment"),
        ("CN6", STOCK.replace("0.01", "[1]"), "tick_size: [1] is no price increment"),
        ("CN6", STOCK.replace("XSHG", "XSHQ"), "'XSHQ' is no calendar of pandas_market_calendars"),
        ("CN6", STOCK.replace("CNY", "yuan"), "currency: 'yuan' is no currency such as USD"),
        ("CN6", STOCK.replace("equity", "stock"), "kind: 'stock' is none of future, equity"),
        ("CN6", STOCK.replace('"XSHG"', "7"), "calendar: 7 is no name of a calendar"),
        ("CN6", STOCK + "ladder_step = 0.015", "ladder_step: 0.015 is no multiple of the tick"),
        ("CN6", STOCK + 'time_zone = "Asia/Tokyo"', "calendar: has sessions and a zone of its own"),
        ("CN6", "tick_size = 1", "point_value: is not set"),
        ("XB", BREAKFAST.replace("Tokyo", "Edo"), "'Asia/Edo' is no time zone"),
        ("XB", BREAKFAST.replace("13:00", "11:00"), "are no intervals one after the other"),
        ("XB", BREAKFAST.replace('"13:00", ', ""), "is no list of pairs such as"),
        ("XB", BREAKFAST.replace("time_zone", "#"), "time_zone: is not set"),
        ("XB", "tick_size = 1\npoint_value = 1", "calendar: is not set"),
        ("xb", BREAKFAST, "a product is named by 1 to 16 of A-Z, 0-9 and ."),
    ],
)
def test_a_wrong_setting_is_refused_in_one_line(
    tmp_path: Path, section: str, setting: str, message: str
) -> None:
    with pytest.raises(SpymasterError) as refused:
        own_products(lake_of(tmp_path, f"[products.{section}]\n{setting}\n"))
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_rows_for_the_build_are_json_with_the_columns_of_the_seed(tmp_path: Path) -> None:
    text = f"[products.CN6]{STOCK}[products.XB]{BREAKFAST}"
    rows = product_rows(own_products(lake_of(tmp_path, text)).values())
    again = json.loads(json.dumps(rows))
    assert again == rows
    assert are_product_rows(again)
    assert are_product_rows(product_rows(read_seed().values()))
    header = (Path(__file__).parents[3] / "seeds" / "instruments.csv").read_text().split("\n")[0]
    assert list(rows[0]) == header.split(",")


@pytest.mark.parametrize(
    "wrong",
    [
        {"root": "x'y"},
        {"tick_int": 1},
        {"tick_size": "'"},
        {"session_tz": "Nowhere/Land"},
        {"kind": "bond"},
        {"session_open_local": "25:00"},
        {"more": 1},
    ],
)
def test_the_var_refuses_what_is_no_product(wrong: dict) -> None:
    [row, *_] = product_rows(read_seed().values())
    assert not are_product_rows([{**row, **wrong}])
    assert not are_product_rows([row, row])
    assert not are_product_rows(row)

"""The door: what kernels declare is what they take and return, from SQL and from Arrow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from spymaster_engine.door import KERNELS, Kernel, KernelError, kernels_called, register
from spymaster_engine.door.sql import sql_type
from spymaster_engine.door.streams import Stream

OF_TABLES = [kernel for kernel in KERNELS.values() if not kernel.has_streams]
OF_STREAMS = [kernel for kernel in KERNELS.values() if kernel.has_streams]
# of a library, these read files: tests of retrieval call them
WITHOUT_ROWS = [kernel for kernel in OF_TABLES if not {"library", "rows"} & kernel.inputs.keys()]

SUM = Kernel(
    "summed",
    inputs={
        "numbers": pa.schema(
            [pa.field("no", pa.int64(), nullable=False), ("of", pa.list_(pa.float64()))]
        ),
        "factor": pa.int64(),
    },
    outputs={"sums": pa.schema([pa.field("total", pa.int64(), nullable=False)])},
    run=lambda numbers, factor: {"total": pa.array([sum(numbers["no"].to_pylist()) * factor])},
)
NUMBERS = pa.table({"no": pa.array([1, 2]), "of": pa.array([[0.5], None], pa.list_(pa.float64()))})
DOUBLED = Kernel(
    "doubled",
    inputs={
        "rows": Stream(pa.schema([("no", pa.int64())]), chunk_rows=2),
        "settings": pa.struct([("factor", pa.int64())]),
    },
    outputs={"products": pa.schema([("product", pa.int64())]), "none": NUMBERS.schema},
    run=lambda rows, settings: (
        ("products", {"product": np.asarray(batch["no"]) * settings["factor"]}) for batch in rows
    ),
)
ROWS = pa.table({"no": [1, 2, 3, 4, 5], "other": list("abcde")})


def values_of(kind: Any) -> Any:
    """Return no rows of a table, else any value."""
    if isinstance(kind, pa.Schema):
        return kind.empty_table()
    if pa.types.is_list(kind):
        # only the buckets of distance must be there
        is_bounds = kind.value_type == pa.list_(pa.int32())
        return pa.array([[0, 1]] * 4 if is_bounds else [], kind.value_type)
    if pa.types.is_struct(kind):
        return {field.name: values_of(field.type) for field in kind}
    return {pa.string(): "", pa.date32(): dt.date(2025, 10, 1)}.get(kind, 1)


@pytest.mark.parametrize("kernel", KERNELS.values(), ids=lambda kernel: kernel.name)
def test_sql_knows_the_declared_types(kernel: Kernel) -> None:
    with duckdb.connect() as connection:
        register(connection, [kernel])
        [(parameters, returned)] = connection.execute(
            "select parameter_types, return_type from duckdb_functions() where function_name = ?",
            [kernel.name],
        ).fetchall()
    declared = [sql_type(kind) for kind in kernel.inputs.values()]
    if kernel.has_streams:
        assert (parameters, returned) == ([*map(plain, declared), "VARCHAR"], "VARCHAR")
    else:
        assert (parameters, returned) == ([*map(plain, declared)], plain(sql_type(kernel.result)))


def plain(kind: str) -> str:
    with duckdb.connect() as connection:
        return connection.execute(f"select typeof(cast(null as {kind}))").fetchone()[0]


@pytest.mark.parametrize("kernel", WITHOUT_ROWS, ids=lambda kernel: kernel.name)
def test_a_kernel_takes_what_it_declares_and_returns_what_it_declares(kernel: Kernel) -> None:
    found = kernel(**{name: values_of(kind) for name, kind in kernel.inputs.items()})
    [output] = kernel.schemas({}).values()
    if isinstance(output, pa.Schema):
        assert found.schema.names == output.names
        assert [str(kind) for kind in found.schema.types] == [str(kind) for kind in output.types]


@pytest.mark.parametrize("kernel", OF_TABLES, ids=lambda kernel: kernel.name)
def test_a_wrong_table_of_a_kernel_gives_one_line(kernel: Kernel) -> None:
    tables = [name for name, kind in kernel.inputs.items() if isinstance(kind, pa.Schema)]
    given = {name: values_of(kind) for name, kind in kernel.inputs.items()}
    for name in tables:
        table = given[name]
        first = table.schema.names[0]
        for wrong, what in (
            (table.drop_columns(first), f"has no column {first}"),
            (table.append_column("more", pa.array([], pa.int8())), "takes no column more"),
            (table.set_column(0, first, pa.array([], pa.int8())), f"{first} is int8, not"),
        ):
            with pytest.raises(KernelError) as error:
                kernel(**{**given, name: wrong})
            assert str(error.value).startswith(f"{kernel.name}: input {name}")
            assert what in str(error.value)
            assert "\n" not in str(error.value)


@pytest.mark.parametrize("kernel", OF_STREAMS, ids=lambda kernel: kernel.name)
def test_without_records_a_kernel_writes_its_columns(kernel: Kernel, tmp_path: Path) -> None:
    settings = values_of(kernel.inputs["settings"]) | {"bands": ["0_4", "4_8"]}
    streams = dict.fromkeys(name for name in kernel.inputs if name != "settings")
    kernel.write(tmp_path / "out", **streams, settings=settings)
    for name, schema in kernel.schemas({"settings": settings}).items():
        assert pq.read_schema(tmp_path / "out" / f"{name}.parquet").equals(schema)


def test_sql_and_arrow_give_the_same() -> None:
    assert SUM(numbers=NUMBERS, factor=7).to_pydict() == {"total": [21]}
    with duckdb.connect() as connection:
        register(connection, [SUM])
        connection.register("numbers", NUMBERS)
        query = (
            "select unnest(summed(numbers, factor), recursive := true) from ("
            "select list(struct_pack(no := no, of := of)) as numbers from numbers), "
            "(values (7), (1)) as factors (factor)"
        )
        assert sorted(connection.execute(query).fetchall()) == [(3,), (21,)]
        assert connection.execute("select summed(null, 7)").fetchone() == (None,)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda t: t.drop_columns("of"), "summed: input numbers has no column of"),
        (lambda t: t.append_column("b", t["no"]), "summed: input numbers takes no column b"),
        (
            lambda t: t.set_column(0, "no", t["no"].cast(pa.int32())),
            "summed: input numbers: no is int32, not int64",
        ),
        (
            lambda t: t.set_column(0, "no", pa.array([None, 1], pa.int64())),
            "summed: input numbers: no is NULL in 1 rows",
        ),
    ],
)
def test_a_wrong_input_gives_one_clear_line(
    change: Callable[[pa.Table], pa.Table], line: str
) -> None:
    with pytest.raises(KernelError) as error:
        SUM(numbers=change(NUMBERS), factor=1)
    assert str(error.value) == line


@pytest.mark.parametrize(
    ("returned", "line"),
    [
        ({}, "summed: output sums has no column total"),
        ({"total": np.array([0.5])}, "summed: output sums: total is double, not int64"),
        (
            {"total": pa.array([None], pa.int64())},
            "summed: output sums: total is NULL in 1 rows",
        ),
    ],
)
def test_a_wrong_output_gives_one_clear_line(returned: dict, line: str) -> None:
    with pytest.raises(KernelError) as error:
        replace(SUM, run=lambda **_: returned)(numbers=NUMBERS, factor=1)
    assert str(error.value) == line


def test_sql_names_a_wrong_column() -> None:
    with duckdb.connect() as connection:
        register(connection, [SUM])
        with pytest.raises(duckdb.BinderException, match="summed"):
            connection.execute("select summed([{'number': 1, 'of': [0.5]}], 1)")
        with pytest.raises(duckdb.Error, match="summed: input numbers: no is NULL in 1 rows"):
            connection.execute("select summed([{'no': null, 'of': [0.5]}], 1)")


def test_other_inputs_are_refused() -> None:
    with pytest.raises(KernelError, match="summed takes numbers, factor, not numbers"):
        SUM(numbers=NUMBERS)


def test_a_stream_is_a_file_a_table_or_batches(tmp_path: Path) -> None:
    path, settings = tmp_path / "rows.parquet", {"factor": 3}
    pq.write_table(ROWS, path)
    numbers = ROWS.select(["no"])
    for rows in (path, numbers, iter(numbers.to_batches(max_chunksize=1))):
        found = [batch for _, batch in DOUBLED(rows=rows, settings=settings)]
        assert pa.Table.from_batches(found)["product"].to_pylist() == [3, 6, 9, 12, 15]
    with duckdb.connect() as connection:
        register(connection, [DOUBLED])
        folder = str(tmp_path / "out")
        call = "select doubled(?, {'factor': 3}, ?)"
        assert connection.execute(call, [str(path), folder]).fetchone() == (None,)
        products = f"select sum(product) from '{folder}/products.parquet'"
        assert connection.execute(products).fetchone() == (45,)
        assert pq.read_table(tmp_path / "out" / "none.parquet").num_rows == 0
        assert connection.execute(call, [None, folder]).fetchone() == (None,)
        assert connection.execute(products).fetchone() == (None,)
        pq.write_table(ROWS.select(["other"]), path)
        refusal = "doubled: input rows has no column no"
        assert connection.execute(call, [str(path), folder]).fetchone() == (refusal,)


def test_a_wrong_stream_gives_one_clear_line(tmp_path: Path) -> None:
    pq.write_table(ROWS.select(["other"]), tmp_path / "rows.parquet")
    with pytest.raises(KernelError) as error:
        list(DOUBLED(rows=tmp_path / "rows.parquet", settings={"factor": 1}))
    assert str(error.value) == "doubled: input rows has no column no"


def test_kernels_in_sql_are_found_by_their_calls() -> None:
    sql = "select level_book (a), First_Hits(b) from turn_flows where usual_depth = 1"
    assert kernels_called(sql) == ["first_hits", "level_book"]

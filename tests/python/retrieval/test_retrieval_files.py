"""Files of libraries and indexes: whole or not at all, the same twice, named by their content."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import faiss
import numpy as np
import pyarrow as pa
import pytest
from spymaster_engine.statistics.retrieval import index_files
from spymaster_engine.statistics.retrieval.index_files import (
    IndexQualityError,
    IndexSettings,
    quality,
    read_index,
    search_before,
    write_index,
)
from spymaster_engine.statistics.retrieval.library import read_library, write_library
from spymaster_engine.statistics.retrieval.normalise import unit_rows
from spymaster_engine.statistics.retrieval.pools import Pool
from spymaster_ingest import durable

DAYS = [dt.date(2025, 10, day) for day in (1, 2, 3)]
WIDTH, N_CONTEXT = 6, 2
PER_DAY = 40
HORIZONS = ["s240", "h1"]


def batch_of(day: dt.date, seed: int) -> pa.RecordBatch:
    """Rows of a day, the first of them without labels."""
    rng = np.random.default_rng(seed)
    rows = []
    for place in range(PER_DAY):
        moment = dt.datetime.combine(day, dt.time(14)) + dt.timedelta(seconds=5 * place)
        labelled = place > 0
        rows.append(
            {
                "vector_id": f"{day}-{place}",
                "symbol": "ESZ5",
                "dt": day,
                "level_id": ("pm_high", "sma_90")[place % 2],
                "window_end_ts": moment,
                "episode_id": f"{day}-{place // 4}" if labelled else None,
                "k_ticks": place - 20,
                "vector": rng.standard_normal(WIDTH).tolist(),
                "context": [float(rng.standard_normal()), None],
                "horizons": HORIZONS,
                "outcomes": ["BREAK", "CENSORED"] if labelled else None,
                "reached_flags": [place % 2 == 0, None] if labelled else None,
                "times_to_hit_s": [float(place), None] if labelled else None,
                "mfe_ticks": [place, 1] if labelled else None,
                "mae_ticks": [-place, -1] if labelled else None,
                "adverse_ticks": [2, None] if labelled else None,
                "whipsaw_flags": [place == 5, False] if labelled else None,
                "result_ticks": [place - 9, None] if labelled else None,
            }
        )
    floats, numbers = pa.list_(pa.float32()), pa.list_(pa.int32())
    types = {
        "window_end_ts": pa.timestamp("us"),
        "vector": floats,
        "context": floats,
        "mfe_ticks": numbers,
        "mae_ticks": numbers,
        "adverse_ticks": numbers,
        "result_ticks": numbers,
    }
    table = pa.Table.from_pylist(rows)
    return pa.record_batch(
        {
            name: table[name].combine_chunks().cast(types.get(name, table[name].type))
            for name in table.column_names
        }
    )


def batches(seed: int = 1) -> list[pa.RecordBatch]:
    return [batch_of(day, seed + place) for place, day in enumerate(DAYS)]


def names(directory: Path) -> list[str]:
    """Return the names of files, each of which has its hash beside it."""
    files = {path for path in directory.rglob("*") if path.is_file()}
    hashes = {path for path in files if path.suffix == durable.HASH_SUFFIX}
    named = {path for path in files - hashes if not path.name.startswith(durable.TEMPORARY_PREFIX)}
    assert hashes == {durable.hash_file(path) for path in named}
    return sorted(path.name for path in files - hashes)


N_ROWS = PER_DAY * len(DAYS)


def test_a_library_returns_the_written_rows(tmp_path: Path) -> None:
    written = write_library(batches(), tmp_path, N_ROWS, N_CONTEXT)
    assert (written.n_vectors, written.dim) == (N_ROWS, WIDTH)
    library = read_library(written.vectors_path, written.rows_path, N_CONTEXT)
    expected = np.array([row for batch in batches() for row in batch["vector"].to_pylist()])
    np.testing.assert_array_equal(library.vectors[:, :WIDTH], expected.astype(np.float32))
    assert np.isnan(library.vectors[:, -1]).all()
    assert library.keys["vector_id"].to_pylist()[PER_DAY] == f"{DAYS[1]}-0"
    labels = library.labels["s240"]
    assert labels.class_code[:3].tolist() == [-1, 0, 0]
    assert library.labels["h1"].class_code[:3].tolist() == [-1, 3, 3]
    assert np.array_equal(labels.reached[:3], [np.nan, 0, 1], equal_nan=True)
    assert np.isnan(library.labels["h1"].reached).all()
    assert np.array_equal(labels.time_to_hit_s[:3], [np.nan, 1, 2], equal_nan=True)
    assert labels.mae_ticks[7] == -7
    assert labels.result_ticks[7] == -2
    assert labels.whipsaw[:7].tolist() == [False] * 5 + [True, False]
    assert library.distance_ticks[:3].tolist() == [-20, -19, -18]
    assert library.episode_code[:9].tolist() == [-1, 0, 0, 0, 1, 1, 1, 1, 2]


def test_a_prefix_holds_the_earlier_days(tmp_path: Path) -> None:
    written = write_library(batches(), tmp_path, N_ROWS, N_CONTEXT)
    library = read_library(written.vectors_path, written.rows_path, N_CONTEXT)
    assert not len(library.rows_before(DAYS[0], None))
    assert library.rows_before(DAYS[2], None).tolist() == list(range(2 * PER_DAY))
    assert library.rows_before(DAYS[1], ("sma_90",)).tolist() == list(range(1, PER_DAY, 2))
    later = DAYS[2] + dt.timedelta(days=30)
    assert len(library.rows_before(later, None)) == N_ROWS
    assert Pool(library, DAYS[1], ("pm_high",)).n_episodes() == PER_DAY // 4


def test_the_same_rows_have_the_same_names_however_they_are_cut(tmp_path: Path) -> None:
    first = write_library(batches(), tmp_path / "one", N_ROWS, N_CONTEXT)
    cut = [part for whole in batches() for part in (whole.slice(0, 7), whole.slice(7))]
    other = write_library(cut, tmp_path / "other", N_ROWS, N_CONTEXT)
    assert names(tmp_path / "one") == names(tmp_path / "other")
    assert first.content_hash == other.content_hash
    assert first.rows_hash == other.rows_hash
    changed = write_library(batches(seed=2), tmp_path / "changed", N_ROWS, N_CONTEXT)
    assert changed.content_hash != first.content_hash
    assert changed.rows_hash == first.rows_hash


def test_rows_out_of_order_or_too_few_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not in the order of time"):
        write_library(batches()[::-1], tmp_path, N_ROWS, N_CONTEXT)
    with pytest.raises(ValueError, match="40 rows instead of the 120 announced"):
        write_library(batches()[:1], tmp_path, N_ROWS, N_CONTEXT)
    with pytest.raises(ValueError, match="more than the 60 rows announced"):
        write_library(batches(), tmp_path, 60, N_CONTEXT)
    assert not [name for name in names(tmp_path) if not name.startswith(durable.TEMPORARY_PREFIX)]


def test_an_interrupted_write_leaves_the_old_library(tmp_path: Path) -> None:
    def interrupted() -> object:
        yield batches(seed=5)[0]
        raise KeyboardInterrupt

    written = write_library(batches(), tmp_path, N_ROWS, N_CONTEXT)
    before = {path: path.read_bytes() for path in (written.vectors_path, written.rows_path)}
    with pytest.raises(KeyboardInterrupt):
        write_library(interrupted(), tmp_path, N_ROWS, N_CONTEXT)
    assert {path: path.read_bytes() for path in before} == before
    again = write_library(batches(), tmp_path, N_ROWS, N_CONTEXT)
    assert again == written
    assert names(tmp_path) == sorted(path.name for path in before)


def unit_vectors(n_rows: int, width: int = 12, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return unit_rows(rng.standard_normal((n_rows, width)).astype(np.float32))[0]


def test_an_index_is_the_same_twice(tmp_path: Path) -> None:
    unit, rows = unit_vectors(200), np.arange(0, 400, 2)
    settings = IndexSettings()
    first = write_index(unit, rows, tmp_path / "one", settings)
    other = write_index(unit, rows, tmp_path / "other", settings)
    assert first.content_hash == other.content_hash
    assert first.path.read_bytes() == other.path.read_bytes()
    moved = write_index(unit, rows + 1, tmp_path / "moved", settings)
    assert moved.content_hash != first.content_hash


def test_an_index_answers_by_rows_before_an_end(tmp_path: Path) -> None:
    unit, rows = unit_vectors(300), np.arange(1, 601, 2)
    index = read_index(write_index(unit, rows, tmp_path, IndexSettings()).path)
    queries = unit_vectors(9, seed=4)
    similarity, found = search_before(index, queries, 20, 301)
    allowed = rows < 301
    products = queries @ unit[allowed].T
    order = np.argsort(-products, axis=1, kind="stable")[:, :20]
    assert np.array_equal(found, rows[allowed][order])
    np.testing.assert_allclose(similarity, np.take_along_axis(products, order, 1), atol=1e-6)
    _, few = search_before(index, queries, 20, 6)
    assert (few[:, 3:] == -1).all()


def test_a_failed_write_leaves_the_old_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = unit_vectors(50)
    written = write_index(unit, np.arange(50), tmp_path, IndexSettings())
    before = written.path.read_bytes()

    def half(index: faiss.Index, path: str) -> None:
        Path(path).write_bytes(b"half")
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(index_files.faiss, "write_index", half)
        with pytest.raises(OSError, match="disk full"):
            write_index(unit_vectors(60), np.arange(60), tmp_path, IndexSettings())
    assert written.path.read_bytes() == before
    write_index(unit, np.arange(50), tmp_path, IndexSettings())
    assert names(tmp_path) == [written.path.name]


def test_invalid_vectors_are_refused_by_an_index(tmp_path: Path) -> None:
    with pytest.raises(IndexQualityError, match="not of length 1"):
        write_index(2 * unit_vectors(5), np.arange(5), tmp_path, IndexSettings())
    with pytest.raises(IndexQualityError, match="row numbers"):
        write_index(unit_vectors(5), np.arange(5)[::-1], tmp_path, IndexSettings())
    with pytest.raises(IndexQualityError, match="row numbers"):
        write_index(unit_vectors(5), np.arange(4), tmp_path, IndexSettings())


def test_an_approximate_index_must_find_what_the_exact_one_finds(tmp_path: Path) -> None:
    unit, rows = unit_vectors(3000, width=8), np.arange(3000)
    few = {"hnsw_min_vectors": 1000, "recall_k": 20, "recall_queries": 50, "ef_search": 64}
    good = write_index(unit, rows, tmp_path, IndexSettings(**few))
    assert good.kind == "hnsw"
    assert good.recall >= 0.98
    assert "hnsw" in good.path.name
    again = write_index(unit, rows, tmp_path / "again", IndexSettings(**few))
    assert again.path.read_bytes() == good.path.read_bytes()
    bad = IndexSettings(**few | {"m": 2, "ef_construction": 2, "ef_search": 1})
    poor = write_index(unit, rows, tmp_path, bad)
    assert poor.kind == "flat_ip"
    assert poor.recall < 0.98


def test_suspicious_vectors_are_counted(tmp_path: Path) -> None:
    parts = batches()
    vectors = parts[0]["vector"].to_pylist()
    # five times the same, and one nearly so, all on one day
    for place in range(10, 15):
        vectors[place] = vectors[9]
    vectors[20] = [value * 1.0001 for value in vectors[21]]
    columns = {name: parts[0][name] for name in parts[0].schema.names}
    contexts = parts[0]["context"].to_pylist()
    for place in range(10, 15):
        contexts[place] = contexts[9]
    floats = pa.list_(pa.float32())
    columns |= {"vector": pa.array(vectors, floats), "context": pa.array(contexts, floats)}
    parts[0] = pa.record_batch(columns)
    written = write_library(parts, tmp_path, N_ROWS, N_CONTEXT)
    library = read_library(written.vectors_path, written.rows_path, N_CONTEXT)
    pool = Pool(library, DAYS[-1] + dt.timedelta(days=1), None)
    unit, _ = unit_rows(np.ascontiguousarray(library.vectors[:, :WIDTH]))
    found = quality(pool, unit, pool.rows, IndexSettings(label_horizon="s240"))
    assert found.exact_duplicate_rate == pytest.approx(5 / N_ROWS)
    assert found.near_duplicate_rate == pytest.approx(8 / N_ROWS)
    assert found.max_label_share == 1
    assert found.max_day_count_ratio == 1

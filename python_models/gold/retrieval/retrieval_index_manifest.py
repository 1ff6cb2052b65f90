"""Write the indexes whose vectors, statistics or parameters differ from what is stored."""

from spymaster_engine.statistics.retrieval.index_files import IndexSettings
from spymaster_engine.statistics.retrieval.index_manifest import index_row, index_table
from spymaster_engine.statistics.retrieval.normalise import RobustStatistics
from spymaster_ingest.lake import Lake


def model(dbt, session):
    """Return a row for every index that was written."""
    dbt.config(materialized="incremental", unique_key="index_key")
    inputs = dbt.ref("retrieval_index_plan").order("index_key").to_arrow_table().to_pylist()
    # indexes hold decisions of the phase approaching
    statistics = dbt.ref("vector_norm_stats").filter("decision_phase = 'approaching'")
    stored = {}
    if dbt.is_incremental:
        query = f"select index_key, input_fingerprint, index_path from {dbt.this}"  # noqa: S608
        stored = {key: state for key, *state in session.execute(query).fetchall()}

    lake = Lake.from_environment()
    rows = []
    for row in inputs:
        fingerprint, path = stored.get(row["index_key"], (None, ""))
        if fingerprint == row["input_fingerprint"] and (lake.root / path).exists():
            continue
        chosen = " and ".join(
            f"{name} = '{row[name]}'" for name in ("root", "level_id", "approach_dir", "asof_dt")
        )
        columns = statistics.filter(chosen).order("feature_index").fetchnumpy()
        found = RobustStatistics(*(columns[name] for name in RobustStatistics._fields))
        settings = IndexSettings.from_json(row["settings"])
        rows.append(index_row(row, found, lake.root, settings))
    return index_table(rows)

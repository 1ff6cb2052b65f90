"""Write the libraries of spot vectors whose days, labels or features differ from what is stored."""

from spymaster_engine.statistics.retrieval.library_manifest import library_row, library_table
from spymaster_ingest.lake import Lake


def model(dbt, session):
    """Return a row for every library that was written."""
    dbt.config(materialized="incremental", unique_key="library_key")
    inputs = dbt.ref("spot_library_plan").order("library_key").to_arrow_table().to_pylist()
    rows = dbt.ref("spot_library_rows")
    stored = {}
    if dbt.is_incremental:
        columns = "library_key, input_fingerprint, vectors_path, rows_path"
        query = f"select {columns} from {dbt.this}"  # noqa: S608
        stored = {key: state for key, *state in session.execute(query).fetchall()}

    lake = Lake.from_environment()
    written = [library_row(row, rows, lake.root, stored) for row in inputs]
    return library_table(row for row in written if row is not None)

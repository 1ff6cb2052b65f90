"""Relations of a pass of the book engine, each a file; for programs without the engine."""

SNAPSHOT, WALL, REPRICE, QA = (
    "book_snapshot_1s",
    "wall_surface_1s",
    "reprice_flow_1s",
    "book_engine_qa",
)

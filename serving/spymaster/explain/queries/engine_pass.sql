-- The settings with which the engine made its pass over a contract-day
select
    wall_max_ticks,
    rest_ns
from silver.book_engine_manifest
where symbol = $symbol and dt = $dt;

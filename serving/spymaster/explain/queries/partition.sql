-- The contract-day: its root, its tick and the landed file of its records
select
    symbol,
    dt,
    root,
    tick_int,
    landed_path
from silver.book_engine_input
where symbol = $symbol and dt = $dt;

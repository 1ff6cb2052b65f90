-- The contract-day: its root, its tick and the landed file of its records
select
    symbol,
    dt,
    root,
    tick_int,
    book_path as landed_path
from silver.contract_days
where symbol = $symbol and dt = $dt and book_source is not null;

-- Product and minimum price increment of a contract-day
select
    root,
    tick_int
from silver.book_engine_input
where
    symbol = $symbol
    and dt = $dt;

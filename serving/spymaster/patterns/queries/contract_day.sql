-- Product and minimum price increment of a contract-day
select
    root,
    tick_int
from silver.contract_days
where
    symbol = $symbol
    and dt = $dt
    and book_source is not null;

-- Product and tick of a contract-day
select
    root,
    tick_int
from silver.contract_days
where
    symbol = $symbol
    and dt = $dt;

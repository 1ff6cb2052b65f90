-- Minimum price increment of a contract-day
select tick_int
from silver.contract_days
where
    symbol = $symbol
    and dt = $dt;

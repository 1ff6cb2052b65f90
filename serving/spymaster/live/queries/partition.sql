-- What the placeholders of a partition stand for, as texts
select cast(columns(*) as varchar)
from silver.contract_days
where
    symbol = $symbol
    and dt = $dt;

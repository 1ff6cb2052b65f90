-- Levels of a contract-day
select distinct level_id
from silver.levels_1s
where
    symbol = $symbol
    and dt = $dt
order by level_id;

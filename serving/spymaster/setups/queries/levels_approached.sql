-- The levels that price approached on a contract-day
select distinct level_id
from gold.mbo_trigger_vectors
where
    symbol = $symbol
    and dt = $dt
order by level_id

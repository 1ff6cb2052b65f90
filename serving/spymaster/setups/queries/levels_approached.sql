-- The levels that price approached on a contract-day
select distinct level_id
from gold.retrieval_decisions
where
    symbol = $symbol
    and dt = $dt
order by level_id

-- The decision nearest to a time
select window_end_ts
from gold.retrieval_decisions
where
    symbol = $symbol
    and dt = $dt
    and level_id = $level_id
order by abs(epoch(window_end_ts) - epoch(coalesce(cast($at as timestamp), timestamp '1970-01-01'))), window_end_ts
limit 1;

-- What followed similar approaches, of the last decision at each level: decisions are 5 s apart
select *
from gold.retrieval_outcomes
where
    symbol = $symbol
    and dt = $dt
    and window_end_ts <= $at
    and window_end_ts > $at - interval 5 second
    and horizon_id = 's240';

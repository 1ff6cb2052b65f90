-- Barriers of a decision at each horizon, and whether it lies between them
select
    horizon_id,
    horizon_s,
    barrier_ticks,
    is_judged
from gold.retrieval_outcomes
where
    symbol = $symbol
    and dt = $dt
    and vector_id = $vector_id;

-- Odds of the last decision at each level; a decision is in force until the next
select
    outcomes.*,
    settings.reach_ticks
from gold.retrieval_outcomes as outcomes
cross join gold.retrieval_settings as settings
where
    outcomes.symbol = $symbol
    and outcomes.dt = $dt
    and outcomes.window_end_ts <= $at
    and outcomes.window_end_ts > $at - to_seconds(settings.window_s)
    and outcomes.horizon_id = settings.horizon_id;

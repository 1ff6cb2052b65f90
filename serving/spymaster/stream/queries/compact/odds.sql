-- Odds of a range of seconds, each at its decision, for the horizon that serving shows; the last
-- columns are for the words
select
    date_diff('second', cast($dt as timestamp), outcomes.window_end_ts) as second,
    outcomes.level_id,
    outcomes.horizon_id,
    outcomes.p_break,
    outcomes.p_reject,
    outcomes.p_chop,
    outcomes.base_break,
    outcomes.base_reject,
    outcomes.base_chop,
    outcomes.p_reached,
    outcomes.base_reached,
    outcomes.n_eff,
    outcomes.n_distinct_episodes,
    outcomes.n_distinct_days,
    outcomes.neighbors_ok,
    outcomes.is_similar,
    outcomes.is_judged,
    outcomes.mean_similarity,
    outcomes.verdict,
    outcomes.similarity_floor,
    outcomes.distance_band,
    outcomes.horizon_s,
    outcomes.barrier_ticks,
    outcomes.k_ticks,
    outcomes.decision_phase,
    settings.reach_ticks
from gold.retrieval_outcomes as outcomes
inner join gold.retrieval_settings as settings on outcomes.horizon_id = settings.horizon_id
where
    outcomes.symbol = $symbol
    and outcomes.dt = $dt
    and outcomes.window_end_ts > $start_ts
    and outcomes.window_end_ts <= $end_ts
order by outcomes.window_end_ts, outcomes.level_id, outcomes.vector_id;

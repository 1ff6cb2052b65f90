-- Approaches with a window or their outcome in the range. The outcome is that of the last window, at
-- the trade at a barrier, else at the end of the label
select
    date_diff('second', $start_ts, episodes.first_window_end_ts) as first_second,
    date_diff('second', $start_ts, episodes.last_window_end_ts) as last_second,
    episodes.level_tick_first,
    outcomes.outcome_reached as outcome,
    coalesce(cast(outcomes.reached_hit_ts as timestamp), outcomes.label_end_ts) as outcome_ts,
    date_diff('second', $start_ts, outcome_ts) as outcome_second
from gold.approach_episodes as episodes
cross join gold.retrieval_settings as settings
left join silver.level_decisions as decisions
    on
        episodes.symbol = decisions.symbol
        and episodes.dt = decisions.dt
        and episodes.level_id = decisions.level_id
        and episodes.last_window_end_ts = decisions.window_end_ts
        and decisions.dt in $days
left join gold.level_outcomes as outcomes
    on
        episodes.symbol = outcomes.symbol
        and episodes.dt = outcomes.dt
        and episodes.level_id = outcomes.level_id
        and episodes.last_window_end_ts = outcomes.window_end_ts
        and outcomes.barrier_kind = decisions.barrier_mode
        and outcomes.horizon_id = settings.horizon_id
        and outcomes.dt in $days
where
    episodes.symbol = $symbol
    and episodes.dt in $days
    and (episodes.last_window_end_ts > $start_ts or outcome_ts >= $start_ts)
    and episodes.first_window_end_ts <= $end_ts
order by first_second, level_tick_first;

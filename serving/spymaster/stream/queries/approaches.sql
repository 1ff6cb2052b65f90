-- Approaches of a contract-day, each with the level's price at its start and the outcome of its
-- last decision
select
    episodes.episode_id,
    episodes.level_id,
    episodes.approach_dir,
    episodes.attempt_index,
    episodes.touched,
    levels.level_price,
    epoch_ns(episodes.first_window_end_ts) as first_window_end_ts_ns,
    epoch_ns(episodes.last_window_end_ts) as last_window_end_ts_ns,
    outcomes.outcome_reached as outcome,
    epoch_ns(outcomes.label_end_ts) as label_end_ts_ns
from gold.approach_episodes as episodes
cross join gold.retrieval_settings as settings
left join silver.levels_1s as levels
    on
        episodes.symbol = levels.symbol
        and episodes.dt = levels.dt
        and episodes.level_id = levels.level_id
        and episodes.first_window_end_ts = levels.window_end_ts
        and levels.dt = $dt
left join silver.level_decisions as decisions
    on
        episodes.symbol = decisions.symbol
        and episodes.dt = decisions.dt
        and episodes.level_id = decisions.level_id
        and episodes.last_window_end_ts = decisions.window_end_ts
        and decisions.dt = $dt
left join gold.level_outcomes as outcomes
    on
        episodes.symbol = outcomes.symbol
        and episodes.dt = outcomes.dt
        and episodes.level_id = outcomes.level_id
        and episodes.last_window_end_ts = outcomes.window_end_ts
        and outcomes.barrier_kind = decisions.barrier_mode
        and outcomes.horizon_id = settings.horizon_id
        and outcomes.dt = $dt
where
    episodes.symbol = $symbol
    and episodes.dt = $dt
order by episodes.first_window_end_ts, episodes.level_id;

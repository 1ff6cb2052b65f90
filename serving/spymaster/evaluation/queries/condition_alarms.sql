-- One row per alarm: a run of a state that names an outcome, during an approach. The alarm is the
-- first second, in the eligible windows and up to the hit, at which the run is long enough
select
    episodes.symbol,
    episodes.dt,
    episodes.level_id,
    episodes.approach_dir,
    episodes.episode_id,
    states.state,
    min(states.window_end_ts) as alarm_ts,
    -- whether the outcome that the state names followed
    coalesce(
        episodes.outcome_reached = if(states.state = 'ahead_only', 'BREAK', 'REJECT'), false
    ) as came_true
from episodes
inner join gold.level_outcomes as outcomes
    on
        episodes.symbol = outcomes.symbol
        and episodes.dt = outcomes.dt
        and episodes.level_id = outcomes.level_id
        and episodes.episode_id = outcomes.episode_id
inner join silver.level_decisions as decisions
    on
        outcomes.symbol = decisions.symbol
        and outcomes.dt = decisions.dt
        and outcomes.level_id = decisions.level_id
        and outcomes.window_end_ts = decisions.window_end_ts
        and outcomes.barrier_kind = decisions.barrier_mode
-- the seconds from a decision until the next one is due
inner join turn_states as states
    on
        outcomes.symbol = states.symbol
        and outcomes.dt = states.dt
        and outcomes.level_id = states.level_id
        and outcomes.window_end_ts = time_bucket(
            to_seconds($window_s), states.window_end_ts, timestamp '1970-01-01'
        )
        and episodes.direction = states.level_side
        and (episodes.hit_ts is null or states.window_end_ts <= episodes.hit_ts)
where
    outcomes.horizon_id = $horizon_id
    and outcomes.outcome_reached is not null
    and states.condition_window_s = $condition_window_s
    and states.state in ('all_four', 'ahead_only')
    and states.held_s >= $hold_s
group by
    episodes.symbol,
    episodes.dt,
    episodes.level_id,
    episodes.approach_dir,
    episodes.episode_id,
    episodes.outcome_reached,
    states.state,
    -- when the run began
    states.window_end_ts - to_seconds(states.held_s)

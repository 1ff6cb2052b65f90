-- One row per approach with a known outcome. A resolved approach takes the label of its first
-- resolved decision while price approaches; an unresolved approach counts only if none of its decisions was censored
with

episodes as (
    select
        selected.root,
        selected.session_date,
        outcomes.symbol,
        outcomes.dt,
        outcomes.level_id,
        decisions.approach_dir,
        outcomes.episode_id,
        if(decisions.approach_dir = 'approach_up', 1, -1) as direction,
        min(outcomes.window_end_ts) as first_window_end_ts,
        -- NULL if the approach was not resolved
        arg_min(
            struct_pack(
                level_tick := decisions.level_tick,
                barrier_ticks := outcomes.barrier_ticks,
                outcome_reached := outcomes.outcome_reached,
                reached_ts := outcomes.reached_ts,
                hit_ts := outcomes.reached_hit_ts
            ),
            outcomes.window_end_ts
        ) filter (outcomes.outcome_reached in ('BREAK', 'REJECT')) as path
    from gold.level_outcomes as outcomes
    inner join silver.level_decisions as decisions
        on
            outcomes.symbol = decisions.symbol
            and outcomes.dt = decisions.dt
            and outcomes.level_id = decisions.level_id
            and outcomes.window_end_ts = decisions.window_end_ts
            and outcomes.barrier_kind = decisions.barrier_mode
    inner join silver.mbo_contract_day_selection as selected
        on
            outcomes.symbol = selected.selected_symbol
            and outcomes.dt = selected.session_date
    where
        selected.root = $root
        and outcomes.horizon_id = $horizon_id
        and outcomes.outcome_reached is not null
        and decisions.decision_phase = 'approaching'
    group by all
    having
        bool_or(outcomes.outcome_reached in ('BREAK', 'REJECT'))
        or not bool_or(outcomes.outcome_reached = 'CENSORED')
)

select
    * exclude (path),
    unnest(path)
from episodes

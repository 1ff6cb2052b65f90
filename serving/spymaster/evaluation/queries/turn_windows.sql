-- One row per decision while price approaches, with the state of the four conditions at one length of window
select
    selected.session_date,
    outcomes.symbol,
    outcomes.level_id,
    kinds.level_kind,
    decisions.approach_dir,
    outcomes.episode_id,
    outcomes.window_end_ts,
    outcomes.x0_ticks,
    outcomes.outcome_reached,
    -- price change until a position entered at this second would be closed
    outcomes.exit_x_ticks - outcomes.x0_ticks as change_ticks,
    states.state,
    states.recent_state
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
inner join silver.level_definitions as kinds on outcomes.level_id = kinds.level_id
inner join turn_states as states
    on
        outcomes.symbol = states.symbol
        and outcomes.dt = states.dt
        and outcomes.level_id = states.level_id
        and outcomes.window_end_ts = states.window_end_ts
        and states.condition_window_s = $condition_window_s
where
    selected.root = $root
    and outcomes.horizon_id = $horizon_id
    and outcomes.outcome_reached is not null
    and decisions.decision_phase = 'approaching'
order by selected.session_date, outcomes.window_end_ts, outcomes.level_id

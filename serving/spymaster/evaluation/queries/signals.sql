-- One row per signal that fired, with its outcome and its result after cost
select
    signals.session_date,
    signals.approach_dir,
    signals.decision_phase,
    signals.h_fire as horizon_id,
    split_part(signals.c_top1, '_', 1) as predicted_outcome,
    outcomes.outcome_reached as outcome,
    signals.base_top1,
    if(starts_with(signals.c_top1, 'BREAK'), 1, -1)
    * (outcomes.exit_x_ticks - outcomes.x0_ticks) - signals.cost_ticks as result_ticks,
    (epoch_ns(outcomes.exit_ts) - epoch_ns(signals.trigger_ts)) / 1e9 as time_to_exit_s
from gold.mbo_trigger_signals as signals
inner join silver.level_decisions as decisions
    on
        signals.symbol = decisions.symbol
        and signals.dt = decisions.dt
        and signals.level_id = decisions.level_id
        and signals.trigger_ts = decisions.window_end_ts
inner join gold.level_outcomes as outcomes
    on
        signals.symbol = outcomes.symbol
        and signals.dt = outcomes.dt
        and signals.level_id = outcomes.level_id
        and signals.trigger_ts = outcomes.window_end_ts
        and signals.h_fire = outcomes.horizon_id
        and decisions.barrier_mode = outcomes.barrier_kind
inner join silver.mbo_contract_day_selection as selected
    on
        signals.session_date = selected.session_date
        and signals.symbol = selected.selected_symbol
where
    signals.fire_flag
    and selected.root = $root
    and outcomes.outcome_reached is not null
order by signals.session_date, signals.trigger_ts, signals.level_id

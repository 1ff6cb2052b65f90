-- Every signal that fired and has a label, with whether its class came true
select
    signals.session_date,
    signals.approach_dir,
    signals.h_fire as horizon_id,
    starts_with(signals.c_top1, outcomes.outcome) as came_true,
    signals.base_top1
from gold.mbo_trigger_signals as signals
inner join gold.level_outcomes as outcomes
    on
        signals.symbol = outcomes.symbol
        and signals.dt = outcomes.dt
        and signals.level_id = outcomes.level_id
        and signals.trigger_ts = outcomes.window_end_ts
        and signals.h_fire = outcomes.horizon_id
inner join silver.mbo_contract_day_selection as selected
    on
        signals.session_date = selected.session_date
        and signals.symbol = selected.selected_symbol
where
    signals.fire_flag
    and selected.root = $root
    and outcomes.barrier_kind = 'fixed'
    and outcomes.outcome in ('BREAK', 'REJECT', 'CHOP')
order by signals.session_date, signals.trigger_ts, signals.level_id

-- One row per retest of the product's selected contracts that ended, in order of time
select
    selected.session_date,
    events.conditions_basis,
    events.basis,
    events.approach_dir,
    events.turn_state,
    events.outcome
from gold.retest_events as events
inner join silver.mbo_contract_day_selection as selected
    on
        events.symbol = selected.selected_symbol
        and events.dt = selected.session_date
where
    selected.root = $root
    and events.outcome in ('CONTINUES', 'FAILS', 'CHOP')
order by selected.session_date, events.retest_window_end_ts, events.level_id, events.approach_dir

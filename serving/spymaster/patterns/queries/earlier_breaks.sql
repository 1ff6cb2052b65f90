-- Breaks on earlier days of the product's selected contracts, all levels; a state counts in the form
-- of the four conditions that is asked for
select
    events.dt,
    events.approach_dir,
    if(events.conditions_basis = $conditions_basis, events.turn_state, null) as turn_state,
    events.outcome
from gold.retest_events as events
inner join silver.mbo_contract_day_selection as selected
    on
        events.symbol = selected.selected_symbol
        and events.dt = selected.session_date
where
    selected.root = $root
    and events.basis = $basis
    and events.dt < $dt
    and events.available_from_ts <= cast($dt as timestamp);

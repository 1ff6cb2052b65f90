-- One row per approach of a product that came to its level, with the fingerprints around it and
-- what followed from there
select
    selected.session_date,
    prints.*
from gold.level_fingerprints as prints
inner join silver.mbo_contract_day_selection as selected
    on
        prints.symbol = selected.selected_symbol
        and prints.dt = selected.session_date
where
    selected.root = $root
    and prints.outcome_reached in ('BREAK', 'REJECT', 'CHOP')
order by selected.session_date, prints.first_window_end_ts, prints.level_id, prints.approach_dir

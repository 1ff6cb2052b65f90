-- One row per approach to a strike that came there, by its first window: at a gamma wall or not
select
    selected.session_date,
    strikes.approach_dir,
    strikes.x0_ticks,
    strikes.outcome_reached,
    strikes.is_gamma_wall
from gold.strike_outcomes as strikes
inner join silver.mbo_contract_day_selection as selected
    on
        strikes.symbol = selected.selected_symbol
        and strikes.dt = selected.session_date
where
    selected.root = $root
    and strikes.horizon_id = $horizon_id
    and strikes.is_gamma_wall is not null
    and strikes.outcome_reached in ('BREAK', 'REJECT', 'CHOP')
order by selected.session_date, strikes.window_end_ts, strikes.strike_price_int;

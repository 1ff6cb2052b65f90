-- One row per wall and combination of bands of a product's selected contracts, in order of time
select
    selected.session_date,
    format('{}|{}|{}|{}', walls.symbol, walls.side, walls.price_int, walls.started_ts) as wall,
    walls.ratio_from,
    walls.age_from_s,
    walls.distance_from_ticks,
    walls.outcome
from gold.wall_outcomes as walls
inner join silver.mbo_contract_day_selection as selected
    on
        walls.symbol = selected.selected_symbol
        and walls.dt = selected.session_date
where selected.root = $root
order by selected.session_date, walls.window_end_ts, walls.side, walls.price_int;

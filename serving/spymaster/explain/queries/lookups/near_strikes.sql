-- Strikes whose option trades count at some levels
select distinct contracts.strike_price_int
from silver.option_contracts as contracts
inner join steps.gex_settings as settings
    on
        contracts.symbol = settings.symbol
        and contracts.dt = settings.dt
inner join steps.engine_levels_1s as levels
    on
        contracts.symbol = levels.symbol
        and contracts.dt = levels.dt
        and abs(contracts.strike_price_int - levels.level_price_int)
        <= $strike_steps * settings.strike_step_int
where
    contracts.symbol = $symbol
    and contracts.dt = $dt
    and levels.window_end_ts >= $first_end_ts
    and levels.window_end_ts <= $to_ts
    and list_contains($level_ids, levels.level_id)
order by contracts.strike_price_int;

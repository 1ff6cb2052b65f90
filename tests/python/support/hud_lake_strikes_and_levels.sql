-- Rows of strikes and levels; follows hud_lake_book.sql

-- strikes every 5 points around 6652.5, and one off the grid of ticks; two have no options
create temporary table strikes as
select
    seconds.*,
    listed.strike_price_int,
    listed.place
from seconds
cross join (
    select
        (26610 + 20 * range) * getvariable('tick_int') as strike_price_int,
        range as place
    from range(-12, 13)
    union all
    select
        getvariable('off_tick_strike_int') as strike_price_int,
        13 as place
) as listed
where second != getvariable('no_gex');

insert into silver.gex_surface_1s by name
select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    symbol as underlying,
    strike_price_int,
    strike_price_int / 1e9 as strike_points,
    place as strike_offset,
    spot_ref_price_int,
    if(abs(place) = 12, null, 100.0 + second % 60 + place * 3) as gex_call_abs,
    if(abs(place) = 12, null, 100.0 + second % 40 - place * 3) as gex_put_abs,
    gex_call_abs as gex_call,
    gex_put_abs as gex_put,
    gex_call_abs + gex_put_abs as gex_abs,
    gex_call_abs - gex_put_abs as gex,
    if(abs(place) = 12, 0, 2) as n_options,
    'ok' as iv_status_worst,
    true as oi_known,
    'dealers_long_calls_short_puts' as sign_convention
from strikes;

insert into silver.option_physics_1s by name
select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    strike_price_int,
    strike_price_int / 1e9 as strike_points,
    second % 9 - 4 as call_net_aggressive_qty,
    second % 5 as call_net_resting_qty,
    if(abs(place) = 12, null, (second + place) % 20 / 20.0) as call_physics,
    second % 7 - 3 as put_net_aggressive_qty,
    -(second % 6) as put_net_resting_qty,
    if(abs(place) = 12, null, -((second + place) % 10) / 10.0) as put_physics,
    'mbo' as flow_source
from strikes;

insert into silver.gex_summary_1s by name
select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    spot_ref_price_int,
    if(is_null, null, 6652.625 + second % 10) as gamma_flip_price,
    26690 * getvariable('tick_int') as call_wall_price_int,
    26530 * getvariable('tick_int') as put_wall_price_int,
    25 as n_strikes_known
from seconds
where second != getvariable('no_gex');

-- price in thousandths of a tick, when it is there, and what else lies there
create temporary table levels as
select
    seconds.*,
    named.level_id,
    case
        when named.level_id = 'sma_90' then 26605000 + second // 60 * 375
        when named.level_id = 'or_high' then 26622000
        when named.level_id in ('pm_low', 'or_low') then 26590000
        when named.level_id = 'pm_high' then 26640000
    end / 1000 as exact_tick,
    cast(floor(exact_tick + 0.5) as bigint) as level_tick,
    named.level_id = 'or_high' and second <= getvariable('provisional_until') as is_provisional,
    named.level_id != 'sma_400' and not is_provisional as is_active,
    case named.level_id
        when 'pm_low' then ['or_low']
        when 'or_low' then ['pm_low']
        else []
    end as stacked_with
from seconds
cross join (
    select unnest(['pm_high', 'pm_low', 'or_high', 'or_low', 'sma_90', 'sma_400']) as level_id
) as named;

insert into silver.levels_1s by name
select
    symbol,
    dt,
    window_end_ts,
    level_id,
    exact_tick * getvariable('tick_int') / 1e9 as level_price,
    level_tick * getvariable('tick_int') as level_price_int,
    level_tick,
    exact_tick - level_tick as level_resid_ticks,
    is_active,
    is_provisional,
    window_end_ts as available_from_ts,
    stacked_with,
    is_active and level_id != 'or_low' as is_primary
from levels;

insert into silver.level_offset_1s by name
select
    symbol,
    dt,
    window_end_ts,
    level_id,
    cast(level_tick - spot_tick as integer) as k_ticks,
    if(second < 15, null, (second % 31 - 15) / 15.0) as closing_speed_15s,
    if(closing_speed_15s > 0, abs(k_ticks) / closing_speed_15s, null) as secs_to_touch,
    case
        when not is_active then 'approach_none'
        when k_ticks between 1 and 12 then 'approach_up'
        when k_ticks between -12 and -1 then 'approach_down'
        else 'approach_none'
    end as approach_dir
from levels;

-- Rows of the level engines; follows hud_lake_strikes_and_levels.sql. The score of a level goes
-- round from 0 to 100, with every state and signal on its way; unknown where the second is invalid
insert into reference.engine_constants by name
select
    unnest(['break_score_min', 'reject_score_max']) as name,
    unnest([80.0, 20.0]) as value;

create temporary table readings as
select
    *,
    window_valid and not is_null and of_row.direction is not null as is_known,
    second + level_tick as place
from (
    select
        levels.*,
        struct_pack(
            symbol,
            dt,
            window_start_ts,
            window_end_ts,
            level_id,
            level_price_int := level_tick * getvariable('tick_int'),
            k_ticks := cast(level_tick - spot_tick as integer),
            direction := case
                when level_tick > spot_tick then 'RESISTANCE'
                when level_tick < spot_tick then 'SUPPORT'
            end,
            break_direction := case
                when level_tick > spot_tick then 'UP'
                when level_tick < spot_tick then 'DOWN'
            end,
            in_monitor_band := abs(level_tick - spot_tick) <= 1
        ) as of_row
    from levels
    where
        is_active
        and level_id != 'or_low'
        and abs(level_tick - spot_tick) <= 40
);

insert into silver.barrier_engine_1s by name
select
    unnest(of_row),
    if(
        is_known,
        ['VACUUM', 'WEAK', 'CONSUMED', 'NEUTRAL', 'ABSORPTION', 'WALL'][place // 9 % 6 + 1],
        null
    ) as state,
    if(is_known, place % 20 / 10.0, null) as replenishment_ratio,
    if(is_known, place % 500, null) as added,
    if(is_known, place % 400, null) as canceled,
    if(is_known, place % 30, null) as filled,
    added - canceled - filled as delta_liq,
    added + canceled + filled as churn,
    if(window_valid, place % 200, null) as depth_in_zone,
    if(is_known, place % 9 / 4.0, null) as wall_ratio,
    spot_ref_price_int as defending_quote_price_int,
    place % 12 as defending_quote_size,
    if(is_known, place % 11 / 10.0, null) as confidence
from readings;

insert into silver.tape_engine_1s by name
select
    unnest(of_row),
    place % 50 as buy_vol,
    place % 40 as sell_vol,
    (buy_vol - sell_vol) / nullif(buy_vol + sell_vol, 0) as imbalance,
    if(place % 7 = 0, null, place % 9 / 4.0 - 1) as velocity_ticks_s,
    place % 5 = 0 as sweep_detected,
    if(sweep_detected, if(place % 2 = 0, 'UP', 'DOWN'), null) as sweep_direction,
    if(sweep_detected, 3 + place % 4, null) as sweep_num_prints,
    if(sweep_detected, 1.5 + place % 90, null) as sweep_span_ms,
    if(sweep_detected, 500000.0 + place, null) as sweep_notional,
    if(sweep_detected, place % 600 / 10.0, null) as sweep_age_s,
    (buy_vol + sell_vol) / 500 as confidence
from readings;

insert into silver.fuel_engine_1s by name
select
    unnest(of_row),
    second != getvariable('no_gex') as fuel_available,
    if(fuel_available, (place % 50 - 25) * 1000.0, null) as net_dealer_gamma,
    case
        when net_dealer_gamma < -10000 then 'AMPLIFY'
        when net_dealer_gamma > 10000 then 'DAMPEN'
        when fuel_available then 'NEUTRAL'
    end as effect,
    26690 * getvariable('tick_int') as call_wall_price_int,
    null as put_wall_price_int,
    if(fuel_available, 6652.625, null) as gamma_flip_price
from readings;

insert into gold.break_score_1s by name
select
    unnest(of_row),
    if(is_known, place % 5 * 25.0, null) as s_l,
    if(of_row.direction is null, null, 50.0) as s_h,
    if(of_row.direction is null, null, place % 26 * 1.0) as s_t,
    if(is_known, place % 101 * 1.0, null) as score_raw,
    -- in quarters, so that rows of cells are rounded both ways
    if(is_known, place % 401 / 4.0, null) as score_smooth,
    if(
        is_known,
        case when score_smooth > 80 then 'BREAK' when score_smooth < 20 then 'REJECT'
            when place % 20 < 4 then 'CONTESTED' else 'NEUTRAL'
        end,
        null
    ) as signal,
    if(is_known, ['LOW', 'MEDIUM', 'HIGH'][place % 3 + 1], null) as confidence,
    of_row.break_direction as runway_direction,
    if(level_id = 'or_high', 'pm_high', null) as runway_next_level_id,
    if(level_id = 'or_high', 18, null) as runway_ticks,
    if(window_valid, if(place % 3 = 0, 'OBSTRUCTED', 'CLEAR'), null) as runway_quality,
    if(level_id = 'or_high', 1.5, 0) as confluence_weight,
    if(level_id = 'or_high', ['pm_high', 'sma_90'], []) as confluence_levels
from readings;

insert into gold.level_signals by name
select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    to_json(
        struct_pack(
            ts := epoch_ms(window_end_ts),
            source := 'replay',
            symbol := symbol,
            es := struct_pack(spot := spot_ref_price_int / 1e9),
            levels := [],
            viewport := struct_pack(ts := epoch_ms(window_end_ts), targets := [])
        )
    ) as payload
from seconds
where spot_tick is not null;

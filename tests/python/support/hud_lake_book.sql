-- Rows of the relations of hud_lake.py, which sets the variables
create temporary table seconds as
select
    getvariable('symbol') as symbol,
    getvariable('day') as dt,
    range as second,
    getvariable('start_ts') + to_seconds(range) as window_start_ts,
    window_start_ts + to_seconds(1) as window_end_ts,
    case
        when range != getvariable('no_spot')
            then
                getvariable('low_tick')
                + least(range // 20 % 40, 40 - range // 20 % 40)
    end as spot_tick,
    spot_tick * getvariable('tick_int') as spot_ref_price_int,
    range not in (getvariable('invalid'), getvariable('no_spot')) as window_valid,
    range >= getvariable('null_from') and range < getvariable('null_to') as is_null,
    if(range < 600, 'intraday_expanding', 'prior_sessions') as calibration_mode
from range(getvariable('count'))
where range != getvariable('missing');

insert into bronze.ingest_manifest by name
select
    'bronze.future_mbo.mbo' as dataset_key,
    getvariable('symbol') as symbol,
    getvariable('day') as dt,
    getvariable('tick_int') as tick_int;

insert into silver.contract_days by name
select
    getvariable('symbol') as symbol,
    getvariable('day') as dt,
    'ES' as root,
    getvariable('tick_int') as tick_int,
    'mbo' as book_source;

insert into reference.instruments by name
select
    'ES' as root,
    0.25 as tick_size,
    getvariable('tick_int') as tick_int,
    50 as point_value,
    'fixed' as barrier_mode;

-- a buyer at the offer, a seller at the bid, a tie, nobody, and records that are no trade
insert into bronze.future_mbo by name
select
    symbol,
    dt,
    second * 10 + prints.place as rec_ordinal,
    make_timestamp_ns(epoch_ns(window_start_ts) + prints.place * 111111111) as ts_event,
    make_timestamp_ns(epoch_ns(window_start_ts) + prints.place * 111111111) as ts_recv,
    prints.action,
    prints.side,
    (spot_tick + prints.offset_ticks) * getvariable('tick_int') as price_int,
    if(prints.place = 5, 0, 1 + (second + prints.place) % 5) as size
from seconds
cross join (
    select
        unnest(['T', 'T', 'T', 'T', 'T', 'T', 'A']) as action,
        unnest(['B', 'A', 'B', 'N', 'B', 'B', 'A']) as side,
        unnest([1, -1, 1, 2, 0, 0, 1]) as offset_ticks,
        unnest([0, 1, 2, 3, 4, 5, 8]) as place
) as prints
where
    spot_tick is not null
    and second % 3 = 0;

insert into silver.book_snapshot_1s by name
select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    (spot_tick - 1) * getvariable('tick_int') as best_bid_price_int,
    (spot_tick + 1) * getvariable('tick_int') as best_ask_price_int,
    best_bid_price_int / 1e9 as best_bid_price,
    best_ask_price_int / 1e9 as best_ask_price,
    if(spot_tick is null, null, 4 + second % 7) as best_bid_qty,
    if(spot_tick is null, null, 2 + second % 5) as best_ask_qty,
    spot_ref_price_int as mid_price_int,
    spot_ref_price_int / 1e9 as mid_price,
    spot_ref_price_int,
    spot_ref_price_int / 1e9 as spot_ref_price,
    if(second % 3 = 0, 5, 0) as trade_count,
    second % 11 as trade_qty_buy,
    second % 7 as trade_qty_sell,
    0 as trade_qty_none,
    10 as n_records,
    100 as bid_depth_total,
    120 as ask_depth_total,
    if(window_valid, 0, 1) as invalid_flags,
    window_valid as book_valid,
    window_valid
from seconds;

create temporary table walls as
with

-- ticks of a second: markers, a far marker, the touch, and what does not move
ticks as (
    select
        second,
        spot_tick,
        unnest(
            if(
                second % getvariable('marker_every_s') = 0,
                list_filter(
                    range(
                        spot_tick - getvariable('marker_ticks'),
                        spot_tick + getvariable('marker_ticks') + 1
                    ),
                    lambda tick: tick % getvariable('marker_every_ticks') = 0
                    and tick not in (
                        spot_tick,
                        spot_tick - 1,
                        spot_tick + 1,
                        getvariable('ask_wall'),
                        getvariable('bid_wall'),
                        getvariable('tie_tick'),
                        getvariable('flow_tick')
                    )
                ),
                []
            )
        ) as tick,
        5 as qty
    from seconds
    where spot_tick is not null

    union all
    select
        second,
        spot_tick,
        spot_tick + getvariable('far_ticks') as tick,
        7 as qty
    from seconds
    where
        spot_tick is not null
        and second % 30 = 0

    union all
    select
        second,
        spot_tick,
        unnest([
            spot_tick - 1,
            spot_tick + 1,
            getvariable('ask_wall'),
            getvariable('bid_wall'),
            getvariable('tie_tick'),
            getvariable('flow_tick')
        ]) as tick,
        unnest([4 + second % 7, 2 + second % 5, 64 + second % 50, 48 + second % 30, 9, 0]) as qty
    from seconds
    where spot_tick is not null
)

select
    second,
    if(tick > spot_tick, 'A', 'B') as side,
    tick,
    tick - spot_tick as rel_ticks,
    qty
from ticks

union all
-- as many bids as asks, and in an invalid second a crossed book
select
    second,
    'B' as side,
    tick,
    rel_ticks,
    qty
from (
    select
        second,
        getvariable('tie_tick') as tick,
        getvariable('tie_tick') - spot_tick as rel_ticks,
        9 as qty
    from seconds
    where spot_tick is not null
    union all
    select
        second,
        spot_tick + 1 as tick,
        1 as rel_ticks,
        33 as qty
    from seconds
    where second = getvariable('invalid')
);

insert into silver.wall_surface_1s by name
select
    seconds.symbol,
    seconds.dt,
    seconds.window_start_ts,
    seconds.window_end_ts,
    walls.side,
    walls.tick * getvariable('tick_int') as price_int,
    seconds.spot_ref_price_int,
    walls.rel_ticks,
    walls.qty as depth_qty_start,
    walls.qty as depth_qty_end,
    (seconds.second + walls.tick) % 4 + 1 as add_qty,
    (seconds.second + walls.tick) % 4 as pull_qty_total,
    0 as pull_qty_rest,
    1 as fill_qty,
    0 as reprice_in_qty,
    0 as reprice_out_qty,
    0 as reset_qty,
    walls.qty as depth_qty_rest,
    least(walls.qty, 3) as order_count_end,
    seconds.window_valid
from walls
inner join seconds on walls.second = seconds.second;

create temporary table cells as
select
    seconds.*,
    offsets.rel_ticks,
    if(offsets.rel_ticks < 0, 'B', 'A') as side,
    (spot_tick + offsets.rel_ticks) * getvariable('tick_int') as price_int,
    if(
        is_null or not window_valid,
        null,
        ((second * 7 + offsets.rel_ticks * 13) % 101 + 101) % 101 / 100.0
    )
        as share
from seconds
cross join (select range as rel_ticks from range(-20, 21)) as offsets
where spot_tick is not null;

insert into silver.vacuum_surface_1s by name
select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    side,
    price_int,
    spot_ref_price_int,
    rel_ticks,
    window_valid,
    false as is_empty,
    share as vacuum_score,
    calibration_mode
from cells;

insert into silver.physics_surface_1s by name
with

-- both sides stand three ticks from spot now and then
of_both_sides as (
    select * from cells
    union all
    select * replace (if(side = 'A', 'B', 'A') as side, 1 - share as share) from cells
    where abs(rel_ticks) = 3 and second % 50 = 0
)

select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    side,
    price_int,
    spot_ref_price_int,
    rel_ticks,
    window_valid,
    share as ease,
    if(side = 'A', share, -share) as ease_signed,
    1 - share as obstacle,
    calibration_mode
from of_both_sides;

insert into silver.radar_vacuum_1s by name
select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    spot_ref_price_int,
    spot_ref_price_int / 1e9 as spot_ref_price,
    'approach_none' as approach_dir,
    window_valid,
    if(is_null, null, second / 100.0) as u14_bid_midfar_pull_share_rest
from seconds;

insert into silver.physics_bands_1s by name
select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    spot_ref_price_int,
    spot_ref_price_int / 1e9 as mid_price,
    spot_ref_price_int as mid_price_int,
    window_valid,
    if(is_null or not window_valid, null, second % 100 / 100.0) as above_score,
    if(is_null or not window_valid, null, second % 37 / 37.0) as below_score,
    (above_score + below_score) / 2 as vacuum_total_score,
    calibration_mode
from seconds;

insert into steps.physics_calibration_modes by name
select
    getvariable('symbol') as symbol,
    getvariable('day') as dt,
    'ES' as root,
    'prior_sessions' as calibration_mode;

-- the median ahead of spot; behind it, those without the prices of a rung
insert into steps.usual_depth_1s by name
select
    symbol,
    dt,
    window_start_ts,
    [if(is_null, null, 40.5 + second % 4), 1] as ask_usual_depths,
    [30.25, 1] as bid_usual_depths
from seconds
where spot_tick is not null;

-- Spot around each moment of a list, in ticks from spot then, in the direction of its minute
with

decisions as (
    select
        vector_id,
        symbol,
        dt,
        window_end_ts,
        level_price_int,
        if(approach_dir = 'spot_up', 1, -1) as direction
    from gold.spot_vectors
    where vector_id in (select unnest(cast($vector_ids as varchar[])))
),

spot as (
    select
        symbol,
        dt,
        window_end_ts,
        spot_ref_price_int
    from silver.book_snapshot_1s
    where
        dt in (select decisions.dt from decisions)
        and window_valid
)

select
    decisions.vector_id,
    cast(epoch(spot.window_end_ts) - epoch(decisions.window_end_ts) as integer) as elapsed_s,
    decisions.direction * (spot.spot_ref_price_int - decisions.level_price_int) / $tick_int
        as past_level_ticks
from decisions
inner join spot
    on
        decisions.symbol = spot.symbol
        and decisions.dt = spot.dt
        and spot.window_end_ts between
        decisions.window_end_ts - to_seconds($before_s) and decisions.window_end_ts
        + to_seconds($after_s)
where spot.spot_ref_price_int is not null
order by decisions.vector_id, elapsed_s;

-- What came to a zone less what left it is the change of its depth between the ends of the window,
-- which comes from state: re-prices are arrivals and cancellations, and seconds that do not count,
-- with a snapshot or a clear, are taken out of the change as well. Windows in which the wall does
-- not show the zone whole are left out.
{{ config(meta={'partitions_of': ['barrier_engine_1s']}) }}

{% set window_s = engine_const('w_barrier_s') %}
{% set zone_ticks = engine_const('barrier_zone_ticks') %}

with

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

wall as (
    select * from {{ ref('wall_surface_1s') }}
    where {{ in_partition() }}
),

seconds as (
    select
        book.window_start_ts,
        book.window_valid,
        contract_day.tick_int,
        min(book.window_start_ts) over lookback as first_start_ts,
        min(book.spot_ref_price_int) over lookback as lowest_spot_int,
        max(book.spot_ref_price_int) over lookback as highest_spot_int,
        count(book.spot_ref_price_int) over lookback = count(*) over lookback as has_spots
    from {{ ref('book_snapshot_1s') }} as book
    cross join contract_day
    where
        {{ in_partition('book.symbol', 'book.dt') }}
        and {{ is_in_surface_window('book.window_start_ts', 'contract_day.surface_windows') }}
    window lookback as (
        order by book.window_start_ts
        range between interval {{ window_s - 1 }} second preceding and current row
    )
),

barriers as (
    select
        barriers.window_start_ts,
        barriers.level_id,
        barriers.delta_liq,
        barriers.level_price_int,
        seconds.first_start_ts,
        if(barriers.direction = 'RESISTANCE', 'A', 'B') as side,
        {{ zone_ticks }} * seconds.tick_int as reach_int
    from {{ ref('barrier_engine_1s') }} as barriers
    inner join seconds on barriers.window_start_ts = seconds.window_start_ts
    where
        {{ in_partition('barriers.symbol', 'barriers.dt') }}
        and barriers.delta_liq is not null
        and seconds.has_spots
        and greatest(
            barriers.level_price_int - seconds.lowest_spot_int,
            seconds.highest_spot_int - barriers.level_price_int
        ) <= {{ var('wall_max_ticks') - zone_ticks }} * seconds.tick_int
),

-- the seconds whose state counts: depth at the end of the last, and at the start of the first
looked_at as (
    select
        *,
        window_start_ts as looked_at_ts,
        1 as end_sign,
        0 as start_sign
    from barriers
    union all
    select
        *,
        first_start_ts as looked_at_ts,
        0 as end_sign,
        -1 as start_sign
    from barriers
    union all
    select
        barriers.*,
        seconds.window_start_ts as looked_at_ts,
        -1 as end_sign,
        1 as start_sign
    from barriers
    inner join seconds
        on
            barriers.first_start_ts <= seconds.window_start_ts
            and barriers.window_start_ts >= seconds.window_start_ts
    where not seconds.window_valid
),

changes as (
    select
        looked_at.window_start_ts,
        looked_at.level_id,
        any_value(looked_at.delta_liq) as delta_liq,
        coalesce(
            sum(
                looked_at.end_sign * wall.depth_qty_end
                + looked_at.start_sign * wall.depth_qty_start
            ),
            0
        ) as depth_change
    from looked_at
    left join wall
        on
            looked_at.looked_at_ts = wall.window_start_ts
            and looked_at.side = wall.side
            and wall.price_int between looked_at.level_price_int - looked_at.reach_int
            and looked_at.level_price_int + looked_at.reach_int
    group by looked_at.window_start_ts, looked_at.level_id
)

select * from changes
where delta_liq != depth_change

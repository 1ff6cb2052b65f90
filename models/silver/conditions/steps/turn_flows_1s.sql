-- noqa: disable=AL03,LT02,LT09,RF02,RF03,RF06,ST05
{{ partitioned_by('level_anchors_1s') }}

{% set windows = var('condition_windows_s') %}
{% set reach = zone_ticks() %}
{% set sums = turn_flow_sums() %}

{% if execute and var('condition_window_s') not in windows %}
    {{ exceptions.raise_compiler_error(
        "condition_window_s, " ~ var('condition_window_s') ~ ", must be one of condition_windows_s, "
        ~ windows
    ) }}
{% endif %}

with

level_anchors as (
    select * from {{ ref('level_anchors_1s') }}
    where {{ in_partition() }} and abs(k_ticks) <= {{ reach }}
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }} and window_valid
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

wall as (
    select * from {{ ref('wall_surface_1s') }}
    where {{ in_partition() }}
),

reprices as (
    select * from {{ ref('reprice_flow_1s') }}
    where {{ in_partition() }} and qty_rest > 0
),

windows as (
    select unnest({{ windows }}) as window_s
),

-- levels at one price share a row
prices as (
    select
        level_anchors.window_start_ts,
        level_anchors.window_end_ts,
        level_anchors.level_tick,
        any_value(level_anchors.k_ticks) as k_ticks,
        windows.window_s
    from level_anchors
    cross join windows
    group by all
),

-- the seconds of all windows, with the range of prices that their levels look at
looked_at as (
    select
        level_anchors.window_start_ts - to_seconds(seconds.seconds_back) as window_start_ts,
        min(level_anchors.level_tick) - {{ reach }} as from_tick,
        max(level_anchors.level_tick) + {{ reach }} as to_tick
    from level_anchors
    cross join (select unnest(range({{ windows | max }} + 1)) as seconds_back) as seconds
    group by all
),

-- a second without rows of the wall is outside of surface_window, and not known
seconds as (
    select
        looked_at.*,
        cast(epoch(looked_at.window_start_ts) as bigint) as second_s,
        snapshot.best_bid_price_int // contract_day.tick_int as best_bid_tick,
        snapshot.best_ask_price_int // contract_day.tick_int as best_ask_tick,
        snapshot.spot_ref_price_int // contract_day.tick_int as spot_tick,
        snapshot.spot_ref_price_int // contract_day.tick_int
        - {{ var('wall_max_ticks') }} as lowest_tick,
        snapshot.spot_ref_price_int // contract_day.tick_int
        + {{ var('wall_max_ticks') }} as highest_tick,
        contract_day.tick_int
    from looked_at
    inner join snapshot on looked_at.window_start_ts = snapshot.window_start_ts
    cross join contract_day
    where {{ is_in_surface_window('looked_at.window_start_ts', 'contract_day.surface_windows') }}
),

away as (
    select
        window_start_ts,
        side,
        price_from_int,
        cast(sum(qty_rest) as bigint) as qty_rest
    from reprices
    group by window_start_ts, side, price_from_int
),

second_list as (
    select
        coalesce(
            list(struct_pack(
                second_s := second_s,
                best_bid_tick := best_bid_tick,
                best_ask_tick := best_ask_tick,
                lowest_tick := lowest_tick,
                highest_tick := highest_tick
            )),
            []
        ) as seconds
    from seconds
),

-- re-prices are neither arrivals nor cancellations: they stay on the side
cell_list as (
    select
        coalesce(
            list(struct_pack(
                second_s := seconds.second_s,
                side_no := if(wall.side = 'A', 0, 1),
                tick := wall.price_int // seconds.tick_int,
                depth_rest := wall.depth_qty_rest,
                depth := wall.depth_qty_end,
                "add" := wall.add_qty - wall.reprice_in_qty,
                pull := wall.pull_qty_rest - coalesce(away.qty_rest, 0),
                fill := wall.fill_qty
            )),
            []
        ) as cells
    from wall
    inner join seconds
        on
            wall.window_start_ts = seconds.window_start_ts
            and wall.price_int >= seconds.from_tick * seconds.tick_int
            and wall.price_int <= seconds.to_tick * seconds.tick_int
    left join away
        on
            wall.window_start_ts = away.window_start_ts
            and wall.side = away.side
            and wall.price_int = away.price_from_int
),

move_list as (
    select
        coalesce(
            list(struct_pack(
                second_s := seconds.second_s,
                side_no := if(reprices.side = 'A', 0, 1),
                from_tick := reprices.price_from_int // seconds.tick_int,
                to_tick := reprices.price_to_int // seconds.tick_int,
                qty := reprices.qty_rest
            )),
            []
        ) as moves
    from reprices
    inner join seconds
        on
            reprices.window_start_ts = seconds.window_start_ts
            and greatest(reprices.price_from_int, reprices.price_to_int)
            >= seconds.from_tick * seconds.tick_int
            and least(reprices.price_from_int, reprices.price_to_int)
            <= seconds.to_tick * seconds.tick_int
),

price_list as (
    select
        list(price order by price.second_s, price.level_tick, price.window_s) as levels
    from (
        select
            struct_pack(
                second_s := cast(epoch(window_start_ts) as bigint),
                level_tick := level_tick,
                window_s := window_s
            ) as price
        from prices
    ) as packed
),

-- a row per level and window: the kernel keeps their order
flows as (
    select
        unnest(price_list.levels, recursive := true),
        -- a column per field of the sums
        unnest(  -- noqa: AL03
            turn_flows(
                second_list.seconds,
                cell_list.cells,
                move_list.moves,
                price_list.levels,
                {{ reach }}
            ),
            recursive := true
        )
    from price_list
    cross join second_list
    cross join cell_list
    cross join move_list
    where price_list.levels is not null
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    prices.window_start_ts,
    prices.window_end_ts,
    prices.level_tick,
    prices.k_ticks,
    cast(prices.window_s as integer) as condition_window_s,
    case
        when flows.{{ sums[0] }} is not null
            then cast(last_second.spot_tick - before_first.spot_tick as integer)
    end as spot_move_ticks,
    {% for name in sums %}
        cast(flows.{{ name }} as integer) as {{ name }}{{ "," if not loop.last }}
    {% endfor %}
from prices
inner join flows
    on
        prices.window_start_ts = make_timestamp(flows.second_s * 1000000)
        and prices.level_tick = flows.level_tick
        and prices.window_s = flows.window_s
left join seconds as last_second
    on prices.window_start_ts = last_second.window_start_ts
left join seconds as before_first
    on prices.window_start_ts - to_seconds(prices.window_s) = before_first.window_start_ts
order by prices.level_tick, prices.window_s, prices.window_start_ts

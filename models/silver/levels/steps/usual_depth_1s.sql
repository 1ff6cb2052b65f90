{{ partitioned_by('level_anchors_1s', contents=['instruments']) }}

{% set lookback_s = var('ladder_usual_s') %}
{% set ahead_ticks = var('ladder_usual_ticks') %}

-- only days with levels have a ladder
with

wall as (
    select * from {{ ref('wall_surface_1s') }}
    where {{ in_partition() }}
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }} and spot_ref_price_int is not null
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

contract as (
    select
        contract_day.dt,
        contract_day.tick_int,
        contract_day.surface_windows,
        {{ ladder_rung_ticks('instruments') }} as rung_ticks
    from contract_day
    inner join instruments on contract_day.root = instruments.root
),

-- the seconds that look back at a second see these spots: no other price of it is needed
seconds as (
    select
        snapshot.window_start_ts,
        cast(epoch(snapshot.window_start_ts) - epoch(contract.dt) as integer) as second_s,
        cast(snapshot.spot_ref_price_int // contract.tick_int as integer) as spot_tick,
        cast(snapshot.window_valid as integer) as is_valid,
        contract.tick_int,
        min(snapshot.spot_ref_price_int) over seen_from as low_spot_price_int,
        max(snapshot.spot_ref_price_int) over seen_from as high_spot_price_int
    from snapshot
    cross join contract
    where {{ is_in_surface_window('snapshot.window_start_ts', 'contract.surface_windows') }}
    window seen_from as (
        order by snapshot.window_start_ts
        range between current row and interval {{ lookback_s - 1 }} second following
    )
),

second_list as (
    select
        list(window_start_ts order by window_start_ts) as window_start_tss,
        list(
            struct_pack(second_s := second_s, spot_tick := spot_tick, is_valid := is_valid)
            order by window_start_ts
        ) as seconds
    from seconds
),

cell_list as (
    select
        coalesce(
            list(struct_pack(
                second_s := seconds.second_s,
                side_no := if(wall.side = 'A', 0, 1),
                tick := cast(wall.price_int // seconds.tick_int as integer),
                depth_qty_end := cast(wall.depth_qty_end as integer)
            )),
            []
        ) as cells
    from wall
    inner join seconds on wall.window_start_ts = seconds.window_start_ts
    where
        wall.depth_qty_end > 0
        and wall.price_int >= seconds.low_spot_price_int - {{ ahead_ticks }} * seconds.tick_int
        and wall.price_int <= seconds.high_spot_price_int + {{ ahead_ticks }} * seconds.tick_int
),

depths as (
    select
        unnest(second_list.window_start_tss) as window_start_ts,
        unnest(
            usual_depth(
                coalesce(second_list.seconds, []),
                cell_list.cells,
                struct_pack(
                    ahead_ticks := {{ ahead_ticks }},
                    rung_ticks := contract.rung_ticks,
                    lookback_s := {{ lookback_s }},
                    min_known_s := {{ var('ladder_usual_min_s') }},
                    reach_ticks := {{ var('wall_max_ticks') }}
                )
            )
        ) as of_sides
    from second_list
    cross join cell_list
    cross join contract
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    window_start_ts,
    struct_extract(of_sides, 'ask') as ask_usual_depths,
    struct_extract(of_sides, 'bid') as bid_usual_depths
from depths
order by window_start_ts

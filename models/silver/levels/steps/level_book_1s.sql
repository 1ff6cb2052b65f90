-- noqa: disable=LT02
{{ partitioned_by('usual_depth_1s') }}

{% set sides = ['ask', 'bid'] %}
{# levels look back this far at the price they have now #}
{% set lookback_s = [var('vector_window_s'), var('ladder_flow_s')] | max %}
{% set quantities = [
    'depth_qty_start', 'depth_qty_end', 'add_qty', 'pull_qty_total', 'pull_qty_rest', 'fill_qty'
] %}

-- the ladder and the corridor read both: a partition here is as new as that of usual_depth_1s

with

level_anchors as (
    select * from {{ ref('level_anchors_1s') }}
    where {{ in_partition() }}
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }}
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

wall as (
    select * from {{ ref('wall_surface_1s') }}
    where {{ in_partition() }}
),

reprices as (
    select * from {{ ref('reprice_flow_1s') }}
    where {{ in_partition() }} and qty_rest > 0
),

-- prices that are a level, whichever
level_ticks as (
    select distinct
        window_start_ts,
        level_tick
    from level_anchors
),

-- a price that becomes a level now has a book before that too
first_seconds as (
    select
        level_tick,
        window_start_ts,
        coalesce(
            lag(window_start_ts) over seconds != window_start_ts - interval 1 second, true
        ) as is_first
    from level_ticks
    window seconds as (partition by level_tick order by window_start_ts)
),

all_ticks as (
    select
        window_start_ts,
        level_tick
    from level_ticks
    union
    select
        window_start_ts - to_seconds(unnest(range(1, {{ lookback_s }}))) as window_start_ts,
        level_tick
    from first_seconds
    where is_first
),

anchors as (
    select
        all_ticks.window_start_ts,
        all_ticks.level_tick,
        snapshot.window_valid,
        contract_day.tick_int,
        {{ ladder_rung_ticks('instruments') }} as rung_ticks,
        cast(
            all_ticks.level_tick - snapshot.spot_ref_price_int // contract_day.tick_int as integer
        ) as k_ticks,
        snapshot.spot_ref_price_int // contract_day.tick_int as spot_tick
    from all_ticks
    inner join snapshot on all_ticks.window_start_ts = snapshot.window_start_ts
    cross join contract_day
    inner join instruments on contract_day.root = instruments.root
    -- further away the zone is not all in the wall
    where
        abs(snapshot.spot_ref_price_int - all_ticks.level_tick * contract_day.tick_int)
        <= {{ var('wall_max_ticks') - zone_ticks() }} * contract_day.tick_int
        and {{ is_in_surface_window('snapshot.window_start_ts', 'contract_day.surface_windows') }}
),

seconds as (
    select
        window_start_ts,
        any_value(spot_tick) as spot_tick,
        any_value(tick_int) as tick_int,
        any_value(window_valid) as window_valid,
        any_value(rung_ticks) as rung_ticks,
        list(level_tick order by level_tick) as level_ticks,
        list(k_ticks order by level_tick) as k_ticks,
        -- the zones of spot and of all levels, and their ladders
        least(
            min(k_ticks) - {{ var('ladder_rungs') + 1 }} * any_value(rung_ticks) + 1,
            least(min(k_ticks), 0) - {{ zone_ticks() }}
        ) as from_ticks,
        greatest(
            max(k_ticks) + {{ var('ladder_rungs') + 1 }} * any_value(rung_ticks) - 1,
            greatest(max(k_ticks), 0) + {{ zone_ticks() }}
        ) as to_ticks
    from anchors
    group by window_start_ts
),

reach as (
    select unnest(range(min(from_ticks), max(to_ticks) + 1)) as rel_ticks
    from seconds
),

-- heights count from spot in the direction of the side
close_to_spot as (
    select
        wall.window_start_ts,
        list(struct_pack(
            side_no := if(wall.side = 'A', 0, 1),
            height_ticks := if(wall.side = 'A', wall.rel_ticks, -wall.rel_ticks),
            {% for quantity in quantities %}
                {{ quantity }} := cast(wall.{{ quantity }} as integer){{ "," if not loop.last }}
            {% endfor %}
        )) as cells
    from wall
    inner join seconds
        on
            wall.window_start_ts = seconds.window_start_ts
            and if(
                wall.side = 'A',
                wall.rel_ticks <= seconds.to_ticks,
                wall.rel_ticks >= seconds.from_ticks
            )
    -- a join on the offset itself, so that the scan skips the others
    where wall.rel_ticks in (select reach.rel_ticks from reach)
    group by wall.window_start_ts
),

moved as (
    select
        reprices.window_start_ts,
        list(struct_pack(
            side_no := if(reprices.side = 'A', 0, 1),
            height_ticks := cast(
                if(reprices.side = 'A', 1, -1)
                * (reprices.price_from_int // seconds.tick_int - seconds.spot_tick) as integer
            ),
            is_away := cast(
                (reprices.price_to_int > reprices.price_from_int) = (reprices.side = 'A') as integer
            ),
            qty_rest := cast(reprices.qty_rest as integer)
        )) as moves
    from reprices
    inner join seconds
        on
            reprices.window_start_ts = seconds.window_start_ts
            and reprices.price_from_int // seconds.tick_int - seconds.spot_tick
            between seconds.from_ticks and seconds.to_ticks
    group by reprices.window_start_ts
),

-- a row per level: the kernel keeps their order
sums as (
    select
        seconds.window_start_ts,
        seconds.window_valid,
        unnest(seconds.level_ticks) as level_tick,
        unnest(seconds.k_ticks) as k_ticks,
        -- a column per field of the sums
        unnest(  -- noqa: AL03
            level_book(
                coalesce(close_to_spot.cells, []),
                coalesce(moved.moves, []),
                seconds.k_ticks,
                {{ var('distance_buckets').values() | list }},
                struct_pack(
                    rungs := {{ var('ladder_rungs') }}, rung_ticks := seconds.rung_ticks
                )
            ),
            max_depth := 2
        )
    from seconds
    left join close_to_spot on seconds.window_start_ts = close_to_spot.window_start_ts
    left join moved on seconds.window_start_ts = moved.window_start_ts
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    window_start_ts,
    level_tick,
    k_ticks,
    window_valid,
    {% for side in sides %}
        {% for name in radar_sum_names(side) %}
            cast({{ name }} as integer) as {{ name }},
        {% endfor %}
        -- below zero: no depth
        cast(if({{ side }}_best_ticks >= 0, {{ side }}_best_ticks, null) as integer)
            as {{ side }}_best_ticks,
        {% for name in ['away', 'toward', 'fill', 'max_depth', 'max_depth_ticks'] %}
            cast({{ side }}_{{ name }} as integer) as {{ side }}_{{ name }},
        {% endfor %}
    {% endfor %}
    {% for quantity in ['depth', 'add', 'pull', 'fill'] %}
        cast(corridor_{{ quantity }} as integer) as corridor_{{ quantity }},
    {% endfor %}
    {% for side in sides %}
        {% for quantity in ['depth', 'add', 'pull'] %}
            cast({{ side }}_spot_{{ quantity }} as integer) as {{ side }}_spot_{{ quantity }},
        {% endfor %}
    {% endfor %}
    {% for side in sides %}
        {% for quantity in ['depth_start', 'depth_end', 'add', 'pull', 'fill'] %}
            cast({{ side }}_rung_{{ quantity }} as integer[])
                as {{ side }}_rung_{{ quantity }},
        {% endfor %}
    {% endfor %}
    {% for side in sides %}
        cast({{ side }}_beyond_depths as integer[])
            as {{ side }}_beyond_depths{{ "," if not loop.last }}
    {% endfor %}
from sums
order by level_tick, window_start_ts

-- noqa: disable=LT02
{{ config(
    materialized='view',
    post_hook="{{ record_partition_state(partition_versions('level_book_1s')) }}",
) }}

{% set sides = {'bid': 'B', 'ask': 'A'} %}
{% set state = {'depth': 'depth_qty_end'} %}
{% set flows = {'add': 'add_qty', 'pull': 'pull_qty_total', 'fill': 'fill_qty'} %}
{% set flow_s = var('ladder_flow_s') %}
{% set rungs = var('ladder_rungs') %}

with

level_anchors as (
    select * from {{ ref('level_anchors_1s') }}
),

level_book as (
    select * from {{ ref('level_book_1s') }}
),

wall as (
    select * from {{ ref('wall_surface_1s') }}
),

engine_input as (
    select * from {{ ref('book_engine_input') }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

anchors as (
    select
        level_book.*,
        cast(round({{ var('ladder_rung_points') }} / instruments.tick_size) as integer) as rung_ticks
    from level_book
    inner join engine_input
        on
            level_book.symbol = engine_input.symbol
            and level_book.dt = engine_input.dt
    inner join instruments on engine_input.root = instruments.root
),

cells as (
    select
        anchors.symbol,
        anchors.dt,
        anchors.window_start_ts,
        anchors.level_tick,
        cast(
            floor((wall.rel_ticks - anchors.k_ticks) / anchors.rung_ticks) as integer
        ) as point_offset,
        {% for side, letter in sides.items() %}
            {% for name, quantity in (state.items() | list) + (flows.items() | list) %}
                case when wall.side = '{{ letter }}' then cast(wall.{{ quantity }} as integer) end
                    as {{ side }}_{{ name }}{{ "," if not (loop.last and side == 'ask') }}
            {% endfor %}
        {% endfor %}
    from anchors
    inner join wall
        on
            anchors.symbol = wall.symbol
            and anchors.dt = wall.dt
            and anchors.window_start_ts = wall.window_start_ts
            and wall.rel_ticks - anchors.k_ticks >= -{{ rungs }} * anchors.rung_ticks
            and wall.rel_ticks - anchors.k_ticks < {{ rungs + 1 }} * anchors.rung_ticks
),

sums as (
    select
        symbol,
        dt,
        window_start_ts,
        level_tick,
        point_offset,
        {% for side in sides %}
            {% for name in (state.keys() | list) + (flows.keys() | list) %}
                cast(sum({{ side }}_{{ name }}) as bigint)
                    as {{ side }}_{{ name }}{{ "," if not (loop.last and side == 'ask') }}
            {% endfor %}
        {% endfor %}
    from cells
    group by symbol, dt, window_start_ts, level_tick, point_offset
),

offsets as (
    select unnest(range(-{{ rungs }}, {{ rungs + 1 }})) as point_offset
),

-- what the wall has no row for is empty, as far as the wall reaches
seconds as (
    select
        anchors.symbol,
        anchors.dt,
        anchors.window_start_ts,
        anchors.level_tick,
        anchors.rung_ticks,
        anchors.ask_spot_depth,
        anchors.bid_spot_depth,
        offsets.point_offset,
        anchors.window_valid
        and abs(anchors.k_ticks + offsets.point_offset * anchors.rung_ticks) + anchors.rung_ticks
        <= {{ var('wall_max_ticks') }} as is_known,
        {% for side in sides %}
            {% for name in (state.keys() | list) + (flows.keys() | list) %}
                coalesce(sums.{{ side }}_{{ name }}, 0)
                    as {{ side }}_{{ name }}{{ "," if not (loop.last and side == 'ask') }}
            {% endfor %}
        {% endfor %}
    from anchors
    cross join offsets
    left join sums
        on
            anchors.symbol = sums.symbol
            and anchors.dt = sums.dt
            and anchors.window_start_ts = sums.window_start_ts
            and anchors.level_tick = sums.level_tick
            and offsets.point_offset = sums.point_offset
),

recent as (
    select
        symbol,
        dt,
        window_start_ts,
        level_tick,
        rung_ticks,
        ask_spot_depth,
        bid_spot_depth,
        point_offset,
        is_known,
        bid_depth,
        ask_depth,
        {% for side in sides %}
            {% for name in flows %}
                cast(sum({{ side }}_{{ name }}) over last_seconds as bigint)
                    as {{ side }}_{{ name }},
            {% endfor %}
        {% endfor %}
        count(case when is_known then 1 end) over last_seconds = {{ flow_s }} as is_flow_known
    from seconds
    window last_seconds as (
        partition by symbol, dt, level_tick, point_offset
        order by window_start_ts
        range between interval {{ flow_s - 1 }} seconds preceding and current row
    )
),

-- seen from each level, of which several may share a price
known as (
    select
        level_anchors.symbol,
        level_anchors.dt,
        level_anchors.window_start_ts,
        level_anchors.window_end_ts,
        level_anchors.level_id,
        level_anchors.level_price_int,
        level_anchors.k_ticks,
        level_anchors.window_valid,
        cast(recent.point_offset as integer) as point_offset,
        recent.rung_ticks,
        {% for side in sides %}
            case when recent.is_known then recent.{{ side }}_depth end as {{ side }}_depth,
            {% for name in flows %}
                case when recent.is_flow_known then recent.{{ side }}_{{ name }} end
                    as {{ side }}_{{ name }},
            {% endfor %}
        {% endfor %}
        case
            when level_anchors.k_ticks > 0 then recent.ask_spot_depth
            when level_anchors.k_ticks < 0 then recent.bid_spot_depth
        end / {{ zone_ticks() }} as spot_depth_per_tick
    from level_anchors
    inner join recent
        on
            level_anchors.symbol = recent.symbol
            and level_anchors.dt = recent.dt
            and level_anchors.window_start_ts = recent.window_start_ts
            and level_anchors.level_tick = recent.level_tick
),

physics as (
    select
        *,
        {{ log_ratio('bid_add + ask_pull', 'ask_add + bid_pull') }} as long_physics
    from known
)

-- the published order of columns
select  -- noqa: ST06
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    level_id,
    level_price_int,
    k_ticks,
    point_offset,
    bid_depth,
    ask_depth,
    {% for side in sides %}
        {% for name in flows %}
            {{ side }}_{{ name }},
        {% endfor %}
    {% endfor %}
    long_physics,
    -long_physics as short_physics,
    (bid_depth + ask_depth) / (rung_ticks * (spot_depth_per_tick + 1)) as wall_ratio,
    cast(null as double) as strike_points,
    cast(null as integer) as strike_distance_ticks,
    cast(null as double) as call_physics,
    cast(null as double) as put_physics,
    cast(null as double) as gex_call_abs,
    cast(null as double) as gex_put_abs,
    window_valid
from physics

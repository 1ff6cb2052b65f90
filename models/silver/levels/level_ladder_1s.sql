-- noqa: disable=LT02
{{ config(
    materialized='view',
    post_hook="{{ record_partition_state(partition_versions('level_book_1s')) }}",
) }}

{% set sides = {'bid': 'B', 'ask': 'A'} %}
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

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
),

engine_input as (
    select * from {{ ref('book_engine_input') }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

anchors as (
    select
        level_anchors.*,
        level_book.ask_spot_depth,
        level_book.bid_spot_depth,
        engine_input.tick_int,
        cast(
            round({{ var('ladder_rung_points') }} / instruments.tick_size) as integer
        ) as rung_ticks
    from level_anchors
    inner join level_book
        on
            level_anchors.symbol = level_book.symbol
            and level_anchors.dt = level_book.dt
            and level_anchors.window_start_ts = level_book.window_start_ts
            and level_anchors.level_tick = level_book.level_tick
    inner join engine_input
        on
            level_anchors.symbol = engine_input.symbol
            and level_anchors.dt = engine_input.dt
    inner join instruments on engine_input.root = instruments.root
),

seconds as (
    select unnest(range({{ flow_s }})) as seconds_back
),

-- each second with those whose flow it counts: found by their time, so that asking for a few
-- seconds reads only a little of the wall
lookbacks as (
    select
        anchors.symbol,
        anchors.dt,
        anchors.window_start_ts,
        anchors.level_id,
        anchors.level_tick,
        anchors.tick_int,
        anchors.rung_ticks,
        seconds.seconds_back,
        anchors.window_start_ts - to_seconds(seconds.seconds_back) as second_ts
    from anchors
    cross join seconds
),

cells as (
    select
        lookbacks.symbol,
        lookbacks.dt,
        lookbacks.window_start_ts,
        lookbacks.level_id,
        cast(
            floor(
                (wall.price_int // lookbacks.tick_int - lookbacks.level_tick)
                / lookbacks.rung_ticks
            ) as integer
        ) as point_offset,
        {% for side, letter in sides.items() %}
            case
                when wall.side = '{{ letter }}' and lookbacks.seconds_back = 0
                    then cast(wall.depth_qty_end as integer)
            end as {{ side }}_depth,
            {% for name, quantity in flows.items() %}
                case when wall.side = '{{ letter }}' then cast(wall.{{ quantity }} as integer) end
                    as {{ side }}_{{ name }}{{ "," if not (loop.last and side == 'ask') }}
            {% endfor %}
        {% endfor %}
    from lookbacks
    inner join wall
        on
            lookbacks.symbol = wall.symbol
            and lookbacks.dt = wall.dt
            and lookbacks.second_ts = wall.window_start_ts
            and wall.price_int
            >= (lookbacks.level_tick - {{ rungs }} * lookbacks.rung_ticks) * lookbacks.tick_int
            and wall.price_int
            < (lookbacks.level_tick + {{ rungs + 1 }} * lookbacks.rung_ticks) * lookbacks.tick_int
),

sums as (
    select
        symbol,
        dt,
        window_start_ts,
        level_id,
        point_offset,
        {% for side in sides %}
            {% for name in ['depth'] + (flows.keys() | list) %}
                cast(sum({{ side }}_{{ name }}) as bigint)
                    as {{ side }}_{{ name }}{{ "," if not (loop.last and side == 'ask') }}
            {% endfor %}
        {% endfor %}
    from cells
    group by symbol, dt, window_start_ts, level_id, point_offset
),

validity as (
    select
        lookbacks.symbol,
        lookbacks.dt,
        lookbacks.window_start_ts,
        lookbacks.level_id,
        count(*) = {{ flow_s }} and bool_and(snapshot.window_valid) as is_flow_known,
        min(snapshot.spot_ref_price_int // lookbacks.tick_int) as low_spot_tick,
        max(snapshot.spot_ref_price_int // lookbacks.tick_int) as high_spot_tick
    from lookbacks
    inner join snapshot
        on
            lookbacks.symbol = snapshot.symbol
            and lookbacks.dt = snapshot.dt
            and lookbacks.second_ts = snapshot.window_start_ts
    cross join engine_input
    where
        lookbacks.symbol = engine_input.symbol
        and lookbacks.dt = engine_input.dt
        and {{ is_in_surface_window('snapshot.window_start_ts', 'engine_input.surface_windows') }}
    group by lookbacks.symbol, lookbacks.dt, lookbacks.window_start_ts, lookbacks.level_id
),

offsets as (
    select unnest(range(-{{ rungs }}, {{ rungs + 1 }})) as point_offset
),

-- what the wall has no row for is empty, as far as the wall reaches
rungs as (
    select
        anchors.*,
        cast(offsets.point_offset as integer) as point_offset,
        anchors.window_valid
        and anchors.k_ticks + (offsets.point_offset + 1) * anchors.rung_ticks - 1
        <= {{ var('wall_max_ticks') }}
        and anchors.k_ticks + offsets.point_offset * anchors.rung_ticks
        >= -{{ var('wall_max_ticks') }} as is_known,
        validity.is_flow_known
        and anchors.level_tick + (offsets.point_offset + 1) * anchors.rung_ticks - 1
        - validity.low_spot_tick <= {{ var('wall_max_ticks') }}
        and validity.high_spot_tick
        - (anchors.level_tick + offsets.point_offset * anchors.rung_ticks)
        <= {{ var('wall_max_ticks') }} as is_flow_known
    from anchors
    cross join offsets
    inner join validity
        on
            anchors.symbol = validity.symbol
            and anchors.dt = validity.dt
            and anchors.window_start_ts = validity.window_start_ts
            and anchors.level_id = validity.level_id
),

known as (
    select
        rungs.*,
        {% for side in sides %}
            case when rungs.is_known then coalesce(sums.{{ side }}_depth, 0) end
                as {{ side }}_depth,
            {% for name in flows %}
                case when rungs.is_known and rungs.is_flow_known
                    then coalesce(sums.{{ side }}_{{ name }}, 0) end as {{ side }}_{{ name }},
            {% endfor %}
        {% endfor %}
        case
            when rungs.k_ticks > 0 then rungs.ask_spot_depth
            when rungs.k_ticks < 0 then rungs.bid_spot_depth
        end / {{ zone_ticks() }} as spot_depth_per_tick
    from rungs
    left join sums
        on
            rungs.symbol = sums.symbol
            and rungs.dt = sums.dt
            and rungs.window_start_ts = sums.window_start_ts
            and rungs.level_id = sums.level_id
            and rungs.point_offset = sums.point_offset
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

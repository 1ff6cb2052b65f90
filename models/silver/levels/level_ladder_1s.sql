-- noqa: disable=LT02,LT05
{{ config(
    materialized='view',
    post_hook="{{ record_partition_state(joined_versions('level_book_1s', ['gex_surface_1s', 'option_physics_1s'])) }}",
) }}

{% set sides = {'bid': 'B', 'ask': 'A'} %}
{% set flows = {'add': 'add_qty', 'pull': 'pull_qty_total', 'fill': 'fill_qty'} %}
{% set flow_s = var('ladder_flow_s') %}
{% set rungs = var('ladder_rungs') %}
{% set of_options = [
    'call_physics', 'put_physics', 'gex_call_abs', 'gex_put_abs', 'call_net_aggressive_qty',
    'put_net_aggressive_qty', 'call_net_resting_qty', 'put_net_resting_qty',
] %}

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

exposures as (
    select * from {{ ref('gex_surface_1s') }}
    where n_options > 0
),

option_physics as (
    select * from {{ ref('option_physics_1s') }}
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

-- the listed strikes of a second as a list, so that a second that is asked for reads no other
strikes as (
    select
        exposures.symbol,
        exposures.dt,
        exposures.window_start_ts,
        list(struct_pack(
            strike_price_int := exposures.strike_price_int,
            {% for name in of_options %}
                {{ name }} := {{ 'exposures' if name.startswith('gex') else 'option_physics' }}.{{ name }}{{ "," if not loop.last }}
            {% endfor %}
        )) as listed
    from exposures
    left join option_physics
        on
            exposures.symbol = option_physics.symbol
            and exposures.dt = option_physics.dt
            and exposures.window_start_ts = option_physics.window_start_ts
            and exposures.strike_price_int = option_physics.strike_price_int
    group by exposures.symbol, exposures.dt, exposures.window_start_ts
),

-- by the ticks between rung and strike, of two as near the lower
with_strikes as (
    select
        known.*,
        list_min(
            list_transform(
                strikes.listed,
                strike -> struct_pack(
                    gap_int := greatest(
                        strike.strike_price_int - known.tick_int * (
                            known.level_tick + (known.point_offset + 1) * known.rung_ticks - 1
                        ),
                        known.tick_int * (known.level_tick + known.point_offset * known.rung_ticks)
                        - strike.strike_price_int,
                        0
                    ),
                    strike_price_int := strike.strike_price_int,
                    strike := strike
                )
            )
        ) as nearest
    from known
    left join strikes
        on
            known.symbol = strikes.symbol
            and known.dt = strikes.dt
            and known.window_start_ts = strikes.window_start_ts
),

physics as (
    select
        *,
        {{ log_ratio('bid_add + ask_pull', 'ask_add + bid_pull') }} as long_physics,
        struct_extract(nearest, 'strike_price_int') as strike_price_int,
        struct_extract(nearest, 'strike') as strike,
        if(
            struct_extract(nearest, 'strike_price_int')
            < tick_int * (level_tick + point_offset * rung_ticks),
            -1,
            1
        ) * cast(ceil(struct_extract(nearest, 'gap_int') / tick_int) as integer)
            as strike_distance_ticks
    from with_strikes
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
    strike_price_int / 1e9 as strike_points,
    strike_distance_ticks,
    {% for name in of_options %}
        struct_extract(strike, '{{ name }}') as {{ name }},
    {% endfor %}
    case
        when strike_price_int is not null
            then cast(
                count(*) over (
                    partition by
                        symbol, dt, window_start_ts, window_end_ts, level_id, strike_price_int
                ) as integer
            )
    end as strike_rungs,
    window_valid
from physics

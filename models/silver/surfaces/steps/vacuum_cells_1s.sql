-- noqa: disable=LT02
{{ partitioned_by('book_engine_manifest') }}

{% set lags = [1, 2, 3] %}
{% set grid_ticks = [var('vacuum_max_ticks'), zone_ticks()] | max %}
{% if grid_ticks > var('wall_max_ticks') %}
    {{ exceptions.raise_compiler_error(
        "vacuum_max_ticks and distance_buckets must lie within wall_max_ticks, "
        ~ var('wall_max_ticks') ~ "; the grid reaches " ~ grid_ticks
    ) }}
{% endif %}

with

-- read twice, with other columns and filters: cheaper than keeping it
wall as not materialized (
    select * from {{ ref('wall_surface_1s') }}
    where {{ in_partition() }}
),

tick as (
    select tick_int from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

seconds as (
    select
        window_start_ts,
        any_value(spot_ref_price_int) as spot_ref_price_int,
        any_value(window_valid) as window_valid
    from wall
    group by window_start_ts
),

-- each second beside the spot and the range of the three before it
anchors as (
    select
        seconds.window_start_ts,
        seconds.spot_ref_price_int,
        seconds.window_valid,
        {% for k in lags %}
            before_{{ k }}.spot_ref_price_int as spot_before_{{ k }},
            coalesce(before_{{ k }}.window_valid, false) as is_known_before_{{ k }},
        {% endfor %}
        tick.tick_int
    from seconds
    cross join tick
    {% for k in lags %}
        left join seconds as before_{{ k }}
            on
                before_{{ k }}.window_start_ts
                = seconds.window_start_ts - interval {{ k }} second
    {% endfor %}
),

-- no price of the grid was ever further from the spot of its second
reach as (
    select
        {{ grid_ticks }} + coalesce(max(greatest(
            {% for k in lags %}
                abs(spot_ref_price_int - spot_before_{{ k }}){{ "," if not loop.last }}
            {% endfor %}
        )) // any_value(tick_int), 0) as reach_ticks
    from anchors
),

close_to_spot as (
    select wall.*
    from wall
    -- a join on the offset itself, so that the scan skips the others
    where
        wall.rel_ticks in (
            select unnest(range(-reach.reach_ticks, reach.reach_ticks + 1))
            from reach
        )
),

-- flows of earlier seconds, dated to the second that looks back at them
{% for k in lags %}
    flows_before_{{ k }} as (
        select
            window_start_ts + interval {{ k }} second as window_start_ts,
            side,
            price_int,
            add_qty,
            pull_qty_rest
        from close_to_spot
        where add_qty > 0 or pull_qty_rest > 0
    ),
{% endfor %}

offsets as (
    select
        'A' as side,
        unnest(range(0, {{ grid_ticks }} + 1)) as rel_ticks
    union all
    select
        'B' as side,
        -unnest(range(0, {{ grid_ticks }} + 1)) as rel_ticks
),

grid as (
    select
        anchors.*,
        offsets.side,
        offsets.rel_ticks,
        anchors.spot_ref_price_int + offsets.rel_ticks * anchors.tick_int as price_int
    from anchors
    cross join offsets
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    grid.window_start_ts,
    grid.side,
    cast(grid.price_int as bigint) as price_int,
    grid.spot_ref_price_int,
    cast(grid.rel_ticks as integer) as rel_ticks,
    grid.window_valid,
    {% for quantity in [
        'depth_qty_start',
        'depth_qty_end',
        'depth_qty_rest',
        'add_qty',
        'pull_qty_total',
        'pull_qty_rest',
        'fill_qty',
    ] %}
        coalesce(close_to_spot.{{ quantity }}, 0) as {{ quantity }},
    {% endfor %}
    {% for k in lags %}
        {% for quantity in ['add_qty', 'pull_qty_rest'] %}
            case
                when
                    grid.is_known_before_{{ k }}
                    and abs(grid.price_int - grid.spot_before_{{ k }})
                    <= {{ var('wall_max_ticks') }} * grid.tick_int
                    then coalesce(flows_before_{{ k }}.{{ quantity }}, 0)
            end as {{ quantity }}_before_{{ k }}{{ "," if not (loop.last and k == 3) }}
        {% endfor %}
    {% endfor %}
from grid
left join close_to_spot
    on
        grid.window_start_ts = close_to_spot.window_start_ts
        and grid.side = close_to_spot.side
        and grid.price_int = close_to_spot.price_int
{% for k in lags %}
    left join flows_before_{{ k }}
        on
            grid.window_start_ts = flows_before_{{ k }}.window_start_ts
            and grid.side = flows_before_{{ k }}.side
            and grid.price_int = flows_before_{{ k }}.price_int
{% endfor %}
where grid.rel_ticks != 0 or close_to_spot.side is not null
order by grid.window_start_ts, grid.side, grid.rel_ticks

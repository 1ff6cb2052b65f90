-- noqa: disable=LT02
-- A second or third difference is known exactly when the seconds before have wall rows, are valid
-- and had the price within the wall. Otherwise a price that came into range, or the first second
-- after a gap, would look like a sudden change. An invalid second has no difference at all.
-- Prices about the wall's edge of each day are enough, and a whole day of all prices is not cheap.
-- depends_on: {{ ref('book_snapshot_1s') }} {{ ref('book_engine_input') }}
{% set edges = [] %}
{% if execute and has_partition_state() %}
    {% set edge_prices %}
        select
            snapshot.symbol,
            snapshot.dt,
            min(snapshot.spot_ref_price_int) + any_value(engine_input.tick_int)
            * {{ var('wall_max_ticks') }} as edge_price_int,
            any_value(engine_input.tick_int) * {{ zone_ticks() }} as zone_int
        from {{ ref('book_snapshot_1s') }} as snapshot
        inner join {{ ref('book_engine_input') }} as engine_input using (symbol, dt)
        where {{ untested_partitions('wall_derivatives_1s') }} and snapshot.window_valid
        group by all
        order by all
    {% endset %}
    {% if load_relation(ref('book_snapshot_1s')) is not none %}
        {% for row in run_query(edge_prices).rows %}
            {% do edges.append(
                "symbol = '" ~ row[0] ~ "' and dt = date '" ~ row[1] ~ "' and price_int between "
                ~ (row[2] - row[3]) ~ " and " ~ (row[2] + row[3])
            ) %}
        {% endfor %}
    {% endif %}
{% endif %}

with

-- a day at a time: the bounds of all days in one condition would not reach the scan
derivatives as (
    {% for edge in edges or ['false'] %}
        select * from {{ ref('wall_derivatives_1s') }}
        where {{ edge }}
        {{ "union all" if not loop.last }}
    {% endfor %}
),

engine_input as (
    select * from {{ ref('book_engine_input') }}
),

wall_seconds as (
    select
        symbol,
        dt,
        window_start_ts,
        any_value(spot_ref_price_int) as spot_ref_price_int,
        any_value(window_valid) as window_valid
    from {{ ref('wall_surface_1s') }}
    where {{ untested_partitions('wall_derivatives_1s') }}
    group by symbol, dt, window_start_ts
),

-- how far the spot of the seconds before lies from that of the second, ticks
shifts as (
    select
        wall_seconds.symbol,
        wall_seconds.dt,
        wall_seconds.window_start_ts,
        {% for k in [1, 2] %}
            case when before_{{ k }}.window_valid then
                (before_{{ k }}.spot_ref_price_int - wall_seconds.spot_ref_price_int)
                // engine_input.tick_int
            end as shift_{{ k }}{{ "," if not loop.last }}
        {% endfor %}
    from wall_seconds
    inner join engine_input
        on
            wall_seconds.symbol = engine_input.symbol
            and wall_seconds.dt = engine_input.dt
    {% for k in [1, 2] %}
        left join wall_seconds as before_{{ k }}
            on
                wall_seconds.symbol = before_{{ k }}.symbol
                and wall_seconds.dt = before_{{ k }}.dt
                and wall_seconds.window_start_ts - interval {{ k }} second
                = before_{{ k }}.window_start_ts
    {% endfor %}
)

select
    derivatives.symbol,
    derivatives.dt,
    derivatives.window_start_ts,
    count(*) as wrong_rows
from derivatives
inner join shifts
    on
        derivatives.symbol = shifts.symbol
        and derivatives.dt = shifts.dt
        and derivatives.window_start_ts = shifts.window_start_ts
where
    (derivatives.d1_depth_qty is not null) != derivatives.window_valid
    or (derivatives.d2_depth_qty is not null)
    != coalesce(
        derivatives.window_valid
        and abs(derivatives.rel_ticks - shifts.shift_1) <= {{ var('wall_max_ticks') }},
        false
    )
    or (derivatives.d3_depth_qty is not null)
    != coalesce(
        derivatives.window_valid
        and abs(derivatives.rel_ticks - shifts.shift_1) <= {{ var('wall_max_ticks') }}
        and abs(derivatives.rel_ticks - shifts.shift_2) <= {{ var('wall_max_ticks') }},
        false
    )
group by derivatives.symbol, derivatives.dt, derivatives.window_start_ts

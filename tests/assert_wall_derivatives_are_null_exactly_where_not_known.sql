-- noqa: disable=LT02
-- A second or third difference is known exactly when the seconds before have wall rows, are valid
-- and had the price within the wall. Otherwise a price that came into range, or the first second
-- after a gap, would look like a sudden change. An invalid second has no difference.
-- Prices around the wall's edge of each day suffice; a whole day of all prices is expensive.
-- depends_on: {{ ref('book_snapshot_1s') }}
{{ config(meta={
    'partitions_of': ['wall_derivatives_1s'],
    'partition_values': 'untested_wall_edges',
}) }}

with

derivatives as (
    select * from {{ ref('wall_derivatives_1s') }}
    where
        {{ in_partition() }}
        and price_int between cast({{ partition_value('least_price_int') }} as bigint)
        and cast({{ partition_value('most_price_int') }} as bigint)
),

contract_days as (
    select * from {{ ref('contract_days') }}
),

wall_seconds as (
    select
        symbol,
        dt,
        window_start_ts,
        any_value(spot_ref_price_int) as spot_ref_price_int,
        any_value(window_valid) as window_valid
    from {{ ref('wall_surface_1s') }}
    where {{ in_partition() }}
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
                // contract_days.tick_int
            end as shift_{{ k }}{{ "," if not loop.last }}
        {% endfor %}
    from wall_seconds
    inner join contract_days
        on
            wall_seconds.symbol = contract_days.symbol
            and wall_seconds.dt = contract_days.dt
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

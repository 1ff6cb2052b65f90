-- noqa: disable=LT02,LT05
{{ partitioned_by('wall_surface_1s', storage='view') }}

with

wall as (
    select * from {{ ref('wall_surface_1s') }}
),

-- The wall again: read twice under one name, all of it would be kept, whatever prices are asked for.
-- DuckDB forgets `not materialized` when it stores a view.
wall_of_seconds as (
    select * from {{ ref('wall_surface_1s') }}
),

contract_days as (
    select * from {{ ref('contract_days') }}
),

seconds as (
    select
        symbol,
        dt,
        window_start_ts,
        any_value(spot_ref_price_int) as spot_ref_price_int,
        any_value(window_valid) as window_valid
    from wall_of_seconds
    group by symbol, dt, window_start_ts
),

-- the range of prices whose missing row means no flow; no range: nothing is known
ranges as (
    select
        seconds.symbol,
        seconds.dt,
        seconds.window_start_ts,
        {% for k in [1, 2] %}
            case when before_{{ k }}.window_valid then before_{{ k }}.spot_ref_price_int end
                as spot_before_{{ k }},
        {% endfor %}
        {{ var('wall_max_ticks') }} * contract_days.tick_int as reach_int
    from seconds
    inner join contract_days
        on
            seconds.symbol = contract_days.symbol
            and seconds.dt = contract_days.dt
    {% for k in [1, 2] %}
        left join seconds as before_{{ k }}
            on
                seconds.symbol = before_{{ k }}.symbol
                and seconds.dt = before_{{ k }}.dt
                and seconds.window_start_ts - interval {{ k }} second
                = before_{{ k }}.window_start_ts
    {% endfor %}
),

with_flows as (
    select
        *,
        case when window_valid then depth_qty_end - depth_qty_start end as d1,
        {% for k in [1, 2] %}
            max(depth_qty_end - depth_qty_start) over (
                partition by symbol, dt, side, price_int
                order by window_start_ts
                range between interval {{ k }} second preceding and interval {{ k }} second preceding
            ) as flow_before_{{ k }}{{ "," if not loop.last }}
        {% endfor %}
    from wall
),

with_ranges as (
    select
        with_flows.*,
        {% for k in [1, 2] %}
            case
                when
                    abs(with_flows.price_int - ranges.spot_before_{{ k }}) <= ranges.reach_int
                    then coalesce(with_flows.flow_before_{{ k }}, 0)
            end as d1_before_{{ k }}{{ "," if not loop.last }}
        {% endfor %}
    from with_flows
    inner join ranges
        on
            with_flows.symbol = ranges.symbol
            and with_flows.dt = ranges.dt
            and with_flows.window_start_ts = ranges.window_start_ts
)

select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    side,
    price_int,
    spot_ref_price_int,
    rel_ticks,
    d1 as d1_depth_qty,
    d1 - d1_before_1 as d2_depth_qty,
    d1 - d1_before_1 - (d1_before_1 - d1_before_2) as d3_depth_qty,
    window_valid
from with_ranges

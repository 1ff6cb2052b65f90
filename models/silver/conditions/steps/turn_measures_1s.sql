-- noqa: disable=LT02,RF06
{{ partitioned_by('turn_flows_1s', storage='view') }}

{% set least = var('condition_min_contracts') %}

with

turn_flows as (
    select * from {{ ref('turn_flows_1s') }}
),

sides as (
    {% for side, letter in {'ask': 'A', 'bid': 'B'}.items() %}
        select
            symbol,
            dt,
            window_start_ts,
            window_end_ts,
            level_tick,
            k_ticks,
            condition_window_s,
            '{{ letter }}' as side,
            {{ '-' if side == 'bid' }}spot_move_ticks as spot_ticks,
            {% for name in turn_flow_sums() if name.startswith(side) %}
                {{ name }} as {{ name[4:] }}{{ "," if not loop.last }}
            {% endfor %}
        from turn_flows
        {{ "union all" if not loop.last }}
    {% endfor %}
),

carried as (
    select
        *,
        -- what spot's own move explains of the re-prices, between nothing and all of them
        greatest(
            least(spot_ticks * repriced, 0),
            least(greatest(spot_ticks * repriced, 0), repriced_ticks)
        ) as carried_ticks
    from sides
)

-- what a side of few contracts does says nothing
select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    level_tick,
    k_ticks,
    condition_window_s,
    side,
    {% if var('condition_retreat_by') == 'orders' %}
        case
            when rest_start >= {{ least }} then (repriced_ticks - carried_ticks) / rest_start
        end as retreat_ticks,
        repriced as retreat_qty,
    {% elif var('condition_retreat_by') == 'depth' %}
        case
            when open_start >= {{ least }}
                then open_end_ticks / nullif(open_end, 0) - open_start_ticks / open_start
        end as retreat_ticks,
        open_change as retreat_qty,
    {% else %}
        {{ exceptions.raise_compiler_error(
            "condition_retreat_by is orders or depth, not '" ~ var('condition_retreat_by') ~ "'"
        ) }}
    {% endif %}
    case when depth_start >= {{ least }} then (pull - "add") / depth_start end as pull_share,
    pull + "add" as pull_qty
from carried

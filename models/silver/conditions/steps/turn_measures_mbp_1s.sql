-- noqa: disable=LT02,RF06
{{ partitioned_by(
    'turn_flows_mbp_1s',
    inputs=['level_anchors_mbp_1s'],
    contents=['instruments'],
    storage='view',
) }}

with

turn_flows as (
    select * from {{ ref('turn_flows_mbp_1s') }}
),

level_anchors as (
    select * from {{ ref('level_anchors_mbp_1s') }}
),

contract_days as (
    select * from {{ ref('contract_days') }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

-- a contract is a lot of its own; shares come in lots
lots as (
    select
        contract_days.symbol,
        contract_days.dt,
        instruments.lot
    from contract_days
    inner join instruments on contract_days.root = instruments.root
),

sides as (
    {% for side, letter in {'ask': 'A', 'bid': 'B'}.items() %}
        select
            symbol,
            dt,
            window_start_ts,
            window_end_ts,
            condition_window_s,
            '{{ letter }}' as side,
            {% for name in net_flow_sums() %}
                {{ side }}_{{ name }} as {{ name }}{{ "," if not loop.last }}
            {% endfor %}
        from turn_flows
        {{ "union all" if not loop.last }}
    {% endfor %}
),

-- levels at one price share a row
prices as (
    select distinct
        symbol,
        dt,
        window_start_ts,
        level_tick,
        k_ticks
    from level_anchors
    where abs(k_ticks) <= {{ zone_ticks() }}
)

-- what a side of few lots does says nothing
select
    sides.symbol,
    sides.dt,
    sides.window_start_ts,
    sides.window_end_ts,
    prices.level_tick,
    prices.k_ticks,
    sides.condition_window_s,
    sides.side,
    case
        when sides.depth_start >= {{ var('condition_min_contracts') }} * lots.lot
            then
                sides.kept_end_ticks / nullif(sides.kept_end, 0)
                - sides.depth_start_ticks / sides.depth_start
    end as retreat_ticks,
    cast(sides.kept_change as integer) as retreat_qty,
    case
        when sides.depth_start >= {{ var('condition_min_contracts') }} * lots.lot
            then sides.net_pull / sides.depth_start
    end as pull_share,
    cast(sides.net_change as integer) as pull_qty,
    lots.lot
from sides
inner join prices
    on
        sides.symbol = prices.symbol
        and sides.dt = prices.dt
        and sides.window_start_ts = prices.window_start_ts
inner join lots
    on
        sides.symbol = lots.symbol
        and sides.dt = lots.dt

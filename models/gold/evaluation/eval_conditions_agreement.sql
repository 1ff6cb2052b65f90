-- noqa: disable=LT02
{{ partitioned_by('turn_states_mbp_1s', inputs=['turn_states_1s', 'turn_flows_1s']) }}

{% set conditions = {
    'c1': ['asks_retreat_z', 'asks_retreat_qty'],
    'c2': ['asks_pull_z', 'asks_pull_qty'],
    'c3': ['bids_recede_z', 'bids_recede_qty'],
    'c4': ['bids_pull_z', 'bids_pull_qty'],
} %}

with

by_orders as (
    select * from {{ ref('turn_states_1s') }}
    where {{ in_partition() }}
),

by_price as (
    select * from {{ ref('turn_states_mbp_1s') }}
    where {{ in_partition() }}
),

turn_flows as (
    select * from {{ ref('turn_flows_1s') }}
    where {{ in_partition() }}
),

-- re-priced contracts of both sides, which the net form sees as pulled here and arrived there
repriced as (
    select
        window_start_ts,
        condition_window_s,
        level_tick,
        ask_repriced + bid_repriced as repriced_qty
    from turn_flows
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

compared as (
    {% for name, columns in conditions.items() %}
        select
            by_orders.condition_window_s,
            '{{ name }}' as compared,
            cast(by_orders.{{ name }} as varchar) as exact_value,
            cast(by_price.{{ name }} as varchar) as net_value,
            by_orders.{{ columns[0] }} as exact_z,
            by_price.{{ columns[0] }} as net_z,
            by_orders.{{ columns[1] }} as exact_qty,
            by_price.{{ columns[1] }} as net_qty,
            repriced.repriced_qty
        from by_orders
        inner join by_price
            on
                by_orders.window_start_ts = by_price.window_start_ts
                and by_orders.level_id = by_price.level_id
                and by_orders.condition_window_s = by_price.condition_window_s
        cross join contract_day
        left join repriced
            on
                by_orders.window_start_ts = repriced.window_start_ts
                and by_orders.condition_window_s = repriced.condition_window_s
                and by_orders.level_price_int // contract_day.tick_int = repriced.level_tick
        union all
    {% endfor %}
    select
        by_orders.condition_window_s,
        'state' as compared,
        by_orders.state as exact_value,
        by_price.state as net_value,
        null as exact_z,
        null as net_z,
        by_orders.asks_pull_qty + by_orders.bids_pull_qty as exact_qty,
        by_price.asks_pull_qty + by_price.bids_pull_qty as net_qty,
        repriced.repriced_qty
    from by_orders
    inner join by_price
        on
            by_orders.window_start_ts = by_price.window_start_ts
            and by_orders.level_id = by_price.level_id
            and by_orders.condition_window_s = by_price.condition_window_s
    cross join contract_day
    left join repriced
        on
            by_orders.window_start_ts = repriced.window_start_ts
            and by_orders.condition_window_s = repriced.condition_window_s
            and by_orders.level_price_int // contract_day.tick_int = repriced.level_tick
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    condition_window_s,
    compared,
    count(*) filter (exact_value is not null and net_value is not null) as n_both,
    count(*) filter (exact_value = net_value) as n_agree,
    n_agree / nullif(n_both, 0) as agree_share,
    count(*) filter (exact_value is not null and net_value is null) as n_exact_only,
    count(*) filter (exact_value is null and net_value is not null) as n_net_only,
    round(corr(exact_z, net_z), 9) as z_correlation,
    avg(repriced_qty) filter (exact_value = net_value) as agree_repriced_qty,
    avg(repriced_qty) filter (exact_value != net_value) as differ_repriced_qty,
    avg(exact_qty) filter (exact_value != net_value) as differ_exact_qty,
    avg(net_qty) filter (exact_value != net_value) as differ_net_qty
from compared
group by condition_window_s, compared
order by condition_window_s, compared

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

both_forms as (
    select
        by_orders.condition_window_s,
        {% for name in ['state'] + conditions | list %}
            cast(by_orders.{{ name }} as varchar) as exact_{{ name }},
            cast(by_price.{{ name }} as varchar) as net_{{ name }},
        {% endfor %}
        {% for columns in conditions.values() %}
            {% for name in columns %}
                by_orders.{{ name }} as exact_{{ name }},
                by_price.{{ name }} as net_{{ name }},
            {% endfor %}
        {% endfor %}
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
),

-- a sum of decimals is the same in every order
compared as (
    {% for name, (z, qty) in conditions.items() %}
        select
            condition_window_s,
            '{{ name }}' as compared,
            exact_{{ name }} as exact_value,
            net_{{ name }} as net_value,
            if(net_{{ z }} is null, null, cast(exact_{{ z }} as decimal(18, 6))) as exact_z,
            if(exact_{{ z }} is null, null, cast(net_{{ z }} as decimal(18, 6))) as net_z,
            exact_{{ qty }} as exact_qty,
            net_{{ qty }} as net_qty,
            repriced_qty
        from both_forms
        union all
    {% endfor %}
    select
        condition_window_s,
        'state' as compared,
        exact_state as exact_value,
        net_state as net_value,
        null as exact_z,
        null as net_z,
        exact_asks_pull_qty + exact_bids_pull_qty as exact_qty,
        net_asks_pull_qty + net_bids_pull_qty as net_qty,
        repriced_qty
    from both_forms
),

known_in_both as (
    select
        condition_window_s,
        compared,
        unnest([exact_value, net_value]) as known_value,
        unnest([1, 0]) as is_exact
    from compared
    where exact_value is not null and net_value is not null
),

how_often as (
    select
        condition_window_s,
        compared,
        known_value,
        sum(is_exact) as n_exact,
        sum(1 - is_exact) as n_net
    from known_in_both
    group by condition_window_s, compared, known_value
),

by_chance as (
    select
        condition_window_s,
        compared,
        cast(sum(n_exact * n_net) as double) / (sum(n_exact) * sum(n_net)) as agree_by_chance_share
    from how_often
    group by condition_window_s, compared
),

sums as (
    select
        condition_window_s,
        compared,
        count(*) filter (exact_value is not null and net_value is not null) as n_both,
        count(*) filter (exact_value = net_value) as n_agree,
        count(*) filter (exact_value is not null and net_value is null) as n_exact_only,
        count(*) filter (exact_value is null and net_value is not null) as n_net_only,
        count(exact_z) as n_z,
        cast(sum(exact_z) as double) as x,
        cast(sum(net_z) as double) as y,
        cast(sum(exact_z * exact_z) as double) as xx,
        cast(sum(net_z * net_z) as double) as yy,
        cast(sum(exact_z * net_z) as double) as xy,
        avg(repriced_qty) filter (exact_value = net_value) as agree_repriced_qty,
        avg(repriced_qty) filter (exact_value != net_value) as differ_repriced_qty,
        avg(exact_qty) filter (exact_value != net_value) as differ_exact_qty,
        avg(net_qty) filter (exact_value != net_value) as differ_net_qty
    from compared
    group by condition_window_s, compared
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    sums.condition_window_s,
    sums.compared,
    sums.n_both,
    sums.n_agree,
    sums.n_agree / nullif(sums.n_both, 0) as agree_share,
    by_chance.agree_by_chance_share,
    sums.n_exact_only,
    sums.n_net_only,
    -- Pearson
    (sums.n_z * sums.xy - sums.x * sums.y) / nullif(
        sqrt(greatest(sums.n_z * sums.xx - sums.x * sums.x, 0))
        * sqrt(greatest(sums.n_z * sums.yy - sums.y * sums.y, 0)),
        0
    ) as z_correlation,
    sums.agree_repriced_qty,
    sums.differ_repriced_qty,
    sums.differ_exact_qty,
    sums.differ_net_qty
from sums
left join by_chance
    on
        sums.condition_window_s = by_chance.condition_window_s
        and sums.compared = by_chance.compared
order by sums.condition_window_s, sums.compared

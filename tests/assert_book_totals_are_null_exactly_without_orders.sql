-- A view of ten levels does not know the whole book: its totals are NULL, never 0, and there is no
-- wall. Orders tell every total, so that none is NULL where market by order is landed.
{% set totals = [
    'bid_depth_total',
    'bid_order_count',
    'bid_outside_depth_start',
    'bid_outside_depth_end',
    'bid_outside_add',
    'bid_outside_pull',
    'bid_outside_fill',
    'bid_outside_reset',
    'ask_depth_total',
    'ask_order_count',
    'ask_outside_depth_start',
    'ask_outside_depth_end',
    'ask_outside_add',
    'ask_outside_pull',
    'ask_outside_fill',
    'ask_outside_reset',
] %}

with

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
    where {{ untested_partitions('book_snapshot_1s') }}
),

contract_days as (
    select * from {{ ref('contract_days') }}
),

wall as (
    select
        symbol,
        dt,
        any_value(window_start_ts) as window_start_ts
    from {{ ref('wall_surface_1s') }}
    where {{ untested_partitions('book_snapshot_1s') }}
    group by symbol, dt
),

known as (
    select
        snapshot.symbol,
        snapshot.dt,
        snapshot.window_start_ts,
        contract_days.book_source,
        {% for name in totals %}
            cast(snapshot.{{ name }} is not null as integer)
            {{- " +" if not loop.last }}
        {% endfor %} as n_known
    from snapshot
    inner join contract_days
        on
            snapshot.symbol = contract_days.symbol
            and snapshot.dt = contract_days.dt
    -- an unselected day may since have got another book
    where {{ is_selected_partition('contract_days.symbol', 'contract_days.dt') }}
)

select * from known
where n_known != if(book_source = 'mbo', {{ totals | length }}, 0)
union all
select
    wall.symbol,
    wall.dt,
    wall.window_start_ts,
    contract_days.book_source,
    null as n_known
from wall
inner join contract_days
    on
        wall.symbol = contract_days.symbol
        and wall.dt = contract_days.dt
where
    {{ is_selected_partition('contract_days.symbol', 'contract_days.dt') }}
    and contract_days.book_source = 'mbp10'

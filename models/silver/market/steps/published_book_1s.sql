-- noqa: disable=LT02
{{ partitioned_by('contract_days.market_fingerprint', kernel='published_book') }}

with

seconds as (
    select * from {{ kernel_output('seconds') }}
),

executions as (
    select * from {{ kernel_output('executions') }}
),

at_prices as (
    select
        second_s,
        side_no,
        tick,
        cast(sum(qty) as bigint) as qty
    from executions
    group by second_s, side_no, tick
),

executed as (
    select
        second_s,
        list(
            struct_pack(side := if(side_no = 0, 'A', 'B'), tick := tick, qty := qty)
            order by side_no, tick
        ) as executions
    from at_prices
    group by second_s
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    make_timestamp(seconds.second_s * 1000000) as window_start_ts,
    window_start_ts + interval 1 second as window_end_ts,
    seconds.n_records,
    seconds.n_states,
    seconds.n_one_sided,
    seconds.n_resets,
    seconds.highest_bid_tick,
    seconds.lowest_ask_tick,
    seconds.bid_edge_tick,
    seconds.ask_edge_tick,
    seconds.scrolled_qty,
    seconds.unknown_side_qty,
    cast(seconds.levels_published as integer) as levels_published,
    seconds.order_count_rows,
    seconds.resolution_ms / 1000 as resolution_s,
    coalesce(executed.executions, []) as executions
from seconds
left join executed on seconds.second_s = executed.second_s
order by seconds.second_s

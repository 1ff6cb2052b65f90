-- noqa: disable=LT02
{{ partitioned_by('contract_days.market_fingerprint', kernel='fingerprints') }}

with

windows as (
    select * from {{ kernel_output('windows') }}
),

icebergs as (
    select * from {{ kernel_output('icebergs') }}
),

icebergs_of_windows as (
    select
        side,
        (window_s // 5 + 1) * 5 as window_end_s,
        list(
            struct_pack(
                window_end_ts := make_timestamp((window_s + 1) * 1000000),
                price_int := price_int,
                refill_count := refill_count,
                refill_qty := refill_qty,
                reload_count := reload_count,
                reload_qty := reload_qty,
                hidden_fill_qty := hidden_fill_qty
            )
            order by window_s, price_int
        ) as icebergs
    from icebergs
    group by side, window_end_s
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    make_timestamp((windows.window_end_s - 5) * 1000000) as window_start_ts,
    make_timestamp(windows.window_end_s * 1000000) as window_end_ts,
    windows.side,
    {% for name, data_type in fingerprint_measures() %}
        windows.{{ name }},
    {% endfor %}
    coalesce(icebergs_of_windows.icebergs, []) as icebergs
from windows
left join icebergs_of_windows
    on
        windows.window_end_s = icebergs_of_windows.window_end_s
        and windows.side = icebergs_of_windows.side
order by windows.window_end_s, windows.side

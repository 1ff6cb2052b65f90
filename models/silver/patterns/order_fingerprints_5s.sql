-- noqa: disable=AM06,LT02
{{ partitioned_by('fingerprint_windows_5s', inputs=['book_snapshot_1s']) }}

with

fingerprint_windows as (
    select * from {{ ref('fingerprint_windows_5s') }}
    where {{ in_partition() }}
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }}
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

-- of each second: the valid ones of the window and of the minute that end with it
valid_seconds as (
    select
        window_start_ts,
        window_end_ts,
        count(*) filter (window_valid) over (
            order by window_start_ts
            range between interval 4 second preceding and current row
        ) as in_window,
        count(*) filter (window_valid) over (
            order by window_start_ts
            range between interval 59 second preceding and current row
        ) as in_minute
    from snapshot
),

-- the last second of a window may be missing
windows as (
    select
        make_timestamp(
            (cast(epoch(valid_seconds.window_start_ts) as bigint) // 5 + 1) * 5000000
        ) as window_end_ts,
        coalesce(
            max(valid_seconds.in_window)
            filter (epoch(valid_seconds.window_end_ts) % 5 = 0),
            0
        ) = 5 as is_valid,
        coalesce(
            max(valid_seconds.in_minute)
            filter (epoch(valid_seconds.window_end_ts) % 5 = 0),
            0
        ) = 60 as is_minute_valid
    from valid_seconds
    cross join contract_day
    where
        contract_day.book_source = 'mbo'
        and {{ is_in_surface_window(
            'valid_seconds.window_start_ts', 'contract_day.surface_windows'
        ) }}
    group by 1
),

sides as (
    select unnest(['A', 'B']) as side
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    windows.window_end_ts - interval 5 second as window_start_ts,
    windows.window_end_ts,
    sides.side,
    windows.is_valid,
    {% for name, data_type in fingerprint_measures() %}
        case
            when windows.{{ 'is_minute_valid' if is_fingerprint_of_minute(name) else 'is_valid' }}
                then fingerprint_windows.{{ name }}
        end as {{ name }}{{ "," if not loop.last }}
    {% endfor %}
from windows
cross join sides
left join fingerprint_windows
    on
        windows.window_end_ts = fingerprint_windows.window_end_ts
        and sides.side = fingerprint_windows.side
order by windows.window_end_ts, sides.side

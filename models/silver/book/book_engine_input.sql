{% set window = var('surface_window') %}
{% set windows = 'cast(null as struct(start_ts timestamp, end_ts timestamp)[])' if window == 'all'
    else local_windows_in_day('partitions.dt', window) %}

with manifest as (
    select * from {{ ref('ingest_manifest') }}
),

trading_intervals as (
    select * from {{ ref('trading_intervals') }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

partitions as (
    {{ book_partitions('manifest') }}
),

intervals_of_days as (
    select
        symbol,
        dt,
        list(
            struct_pack(
                open_ts := open_ts,
                close_ts := close_ts,
                is_open_at_once := is_open_at_once
            )
            order by interval_no
        ) as intervals
    from trading_intervals
    group by symbol, dt
),

inputs as (
    select
        partitions.symbol || '|' || strftime(partitions.dt, '%Y-%m-%d') as partition_key,
        partitions.symbol,
        partitions.dt,
        partitions.root,
        partitions.tick_int,
        partitions.book_source,
        partitions.content_hash as input_content_hash,
        partitions.landed_path,
        coalesce(intervals_of_days.intervals, []) as trading_intervals,
        case
            when partitions.book_source = 'mbp10'
                then cast([] as struct(start_ts timestamp, end_ts timestamp)[])
            else {{ windows }}
        end as surface_windows,
        {{ windows }} as option_windows,
        instruments.stale_after_s,
        {{ is_selected_partition('partitions.symbol', 'partitions.dt') }} as is_selected
    from partitions
    left join intervals_of_days
        on
            partitions.symbol = intervals_of_days.symbol
            and partitions.dt = intervals_of_days.dt
    left join instruments
        on partitions.root = instruments.root
)

select
    *,
    md5(concat_ws(
        '|',
        input_content_hash,
        book_source,
        tick_int,
        coalesce(cast(stale_after_s as varchar), 'never'),
        cast(trading_intervals as varchar),
        coalesce(cast(surface_windows as varchar), 'all')
    )) as input_fingerprint
from inputs

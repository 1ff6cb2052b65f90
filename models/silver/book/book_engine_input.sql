{% set window = var('surface_window') %}

with manifest as (
    select * from {{ ref('ingest_manifest') }}
),

trading_hours as (
    select * from {{ ref('trading_hours') }}
),

partitions as (
    select
        manifest.symbol,
        manifest.dt,
        manifest.root,
        manifest.content_hash,
        manifest.landed_path,
        manifest.tick_int
    from manifest
    where manifest.dataset_key = 'bronze.future_mbo.mbo'
),

trading_intervals as (
    select
        symbol,
        dt,
        list(
            struct_pack(
                open_ts := open_ts,
                close_ts := close_ts,
                is_open_at_start := is_open_at_start
            )
            order by interval_no
        ) as intervals
    from trading_hours
    group by symbol, dt
)

select
    partitions.symbol || '|' || strftime(partitions.dt, '%Y-%m-%d') as partition_key,
    partitions.symbol,
    partitions.dt,
    partitions.root,
    partitions.tick_int,
    partitions.content_hash as input_content_hash,
    partitions.landed_path,
    coalesce(trading_intervals.intervals, []) as trading_intervals,
    {% if window == 'all' %}
        cast(null as struct(start_ts timestamp, end_ts timestamp)[])
    {% else %}
        {{ local_windows_in_day('partitions.dt', window) }}
    {% endif %} as surface_windows,
    {{ is_selected_partition('partitions.symbol', 'partitions.dt') }} as is_selected
from partitions
left join trading_intervals
    on
        partitions.symbol = trading_intervals.symbol
        and partitions.dt = trading_intervals.dt

{{ config(
    materialized='partitioned',
    storage='parquet',
    meta={'partition_source': 'vacuum_metrics_1s'},
) }}

with

metrics as (
    select * from {{ ref('vacuum_metrics_1s') }}
    where
        {{ in_partition() }}
        and window_valid
        and not is_empty
),

study_rows as (
    select metrics.*
    from metrics
    cross join (
        select {{ session_bounds_utc(partition_value('dt'), 'rth_study') }} as bounds
    ) as session
    where
        metrics.window_start_ts >= session.bounds.start_ts
        and metrics.window_start_ts < session.bounds.end_ts
),

measured as (
    {{ unpivot_metrics('study_rows', ['symbol', 'dt']) }}
)

select
    symbol,
    dt,
    metric_name,
    metric_value,
    count(*) as row_count
from measured
where metric_value is not null
group by symbol, dt, metric_name, metric_value
order by metric_name, metric_value

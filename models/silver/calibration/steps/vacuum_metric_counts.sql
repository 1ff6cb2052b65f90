{{ partitioned_by('vacuum_metrics_1s') }}

with

metrics as (
    select * from {{ ref('vacuum_metrics_1s') }}
    where
        {{ in_partition() }}
        and window_valid
        and not is_empty
),

study_window as (
    select unnest({{ session_bounds_utc(partition_value('dt'), 'rth_study') }})
),

study_rows as (
    select metrics.*
    from metrics
    cross join study_window
    where
        metrics.window_start_ts >= study_window.start_ts
        and metrics.window_start_ts < study_window.end_ts
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

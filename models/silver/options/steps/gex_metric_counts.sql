{{ partitioned_by('gex_surface_1s') }}

with

metrics as (
    select * from ({{ gex_metrics() }})
    where {{ in_partition() }}
),

study_window as (
    select unnest({{ session_bounds_utc(partition_value('dt'), 'rth_study') }})
)

select
    metrics.symbol,
    metrics.dt,
    'gex_abs' as metric_name,
    metrics.gex_abs as metric_value,
    count(*) as row_count
from metrics
cross join study_window
where
    metrics.window_start_ts >= study_window.start_ts
    and metrics.window_start_ts < study_window.end_ts
group by metrics.symbol, metrics.dt, metrics.gex_abs
order by metric_value

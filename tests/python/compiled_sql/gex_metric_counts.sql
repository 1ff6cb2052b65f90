with
metrics as (
  select * from (select
    surface.symbol,
    surface.dt,
    surface.window_start_ts,
    surface.window_end_ts,
    surface.gex_abs
    from "silver"."gex_surface_1s" as surface
    inner join "silver"."book_snapshot_1s" as book
    on
    surface.symbol = book.symbol
    and surface.dt = book.dt
    and surface.window_start_ts = book.window_start_ts
    where book.window_valid and surface.gex_abs is not null)
  where symbol = '$symbol' and dt = date '$dt'
),
study_window as (
  select unnest({
      'start_ts': timezone('UTC', timezone('America/New_York', date '$dt' + time '09:30')),
      'end_ts': timezone('UTC', timezone('America/New_York', date '$dt' + time '12:30'))
  })
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

with
written as (
  select * from read_parquet(
    list_filter(meta.files_of_iceberg_1s(), file -> contains(file, 'symbol=$symbol/dt=$dt/')),
    hive_partitioning = true,
    hive_types = {'symbol': varchar, 'dt': date}
  )
  where symbol = '$symbol' and dt = date '$dt'
),
snapshot as (
  select * from "silver"."book_snapshot_1s"
  where symbol = '$symbol' and dt = date '$dt'
)
select
written.symbol,
written.dt,
written.window_start_ts,
written.window_start_ts + interval 1 second as window_end_ts,
written.side,
written.price_int,
written.refill_count,
written.refill_qty,
written.reload_count,
written.reload_qty,
written.hidden_fill_qty,
coalesce(snapshot.window_valid, false) as window_valid
from written
left join snapshot on written.window_start_ts = snapshot.window_start_ts
order by written.window_start_ts, written.side, written.price_int

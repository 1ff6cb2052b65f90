-- noqa: disable=AL03
{{ partitioned_by('fingerprint_windows_5s', inputs=['book_snapshot_1s'], storage='table') }}

with

written as (
    select * from {{ kept_rows('fingerprint_windows_5s', 'iceberg_1s') }}
    where {{ in_partition() }}
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }}
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

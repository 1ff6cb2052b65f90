-- Prints of a range of seconds; a print belongs to the second in which it happened
select
    *,
    (epoch_ns(ts_event) // 1000000000 + 1) * 1000000000 as window_end_ts_ns
from bronze.future_mbo
where
    symbol = $symbol
    and dt = $dt
    and ts_event >= $start_ts
    and ts_event < $end_ts
    and action = 'T'
    and size > 0
order by window_end_ts_ns, rec_ordinal;

-- Breaks of levels, by trades, with their break or their retest in the range
select
    (epoch_ns(cross_ts) - epoch_ns($start_ts)) // 1000000000 as break_second,
    (epoch_ns(retest_ts) - epoch_ns($start_ts)) // 1000000000 as retest_second,
    approach_dir = 'approach_up' as is_up,
    level_price_int,
    outcome
from gold.retest_events
where
    symbol = $symbol
    and dt in $days
    and basis = 'seconds'
    and (
        (cross_ts >= $start_ts and cross_ts < $end_ts)
        or (retest_ts >= $start_ts and retest_ts < $end_ts)
    )
order by cross_ts, level_id, approach_dir;

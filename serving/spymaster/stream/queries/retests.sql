-- Breaks of levels of a contract-day by trades, their retests and how they ended
select
    level_id,
    approach_dir,
    level_price_int / 1e9 as level_price,
    epoch_ns(cross_ts) as cross_ts_ns,
    epoch_ns(broken_window_end_ts) as broken_window_end_ts_ns,
    epoch_ns(retest_ts) as retest_ts_ns,
    epoch_ns(retest_window_end_ts) as retest_window_end_ts_ns,
    turn_state,
    conditions_basis,
    outcome,
    epoch_ns(label_end_ts) as label_end_ts_ns
from gold.retest_events
where
    symbol = $symbol
    and dt = $dt
    and basis = 'seconds'
order by cross_ts, level_id, approach_dir;

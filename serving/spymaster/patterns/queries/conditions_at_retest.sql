-- The four conditions of a turn at a level at the end of a second
select *
from gold.conditions_in_use_1s
where
    symbol = $symbol
    and dt = $dt
    and level_id = $level_id
    and window_end_ts = $retest_window_end_ts;

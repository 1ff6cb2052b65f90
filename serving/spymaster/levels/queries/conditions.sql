-- The four conditions of a turn at every level of a second
select *
from gold.conditions_in_use_1s
where
    symbol = $symbol
    and dt = $dt
    and window_end_ts = $at;

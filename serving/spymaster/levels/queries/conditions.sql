-- The four conditions of a turn at every level of a second
select *
from gold.turn_conditions_1s
where
    symbol = $symbol
    and dt = $dt
    and window_end_ts = $at;

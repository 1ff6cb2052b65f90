-- Usual depth of a price ahead of spot of a range of seconds
select
    date_diff('second', cast($dt as timestamp), window_start_ts) + 1 as second,
    ask_usual_depths[1] as ask_usual_qty,
    bid_usual_depths[1] as bid_usual_qty
from steps.usual_depth_1s
where
    symbol = $symbol
    and dt = $dt
    and window_start_ts >= $start_ts
    and window_start_ts < $end_ts
order by window_start_ts;

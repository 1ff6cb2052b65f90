-- The four conditions at each level of a range of seconds
select
    date_diff('second', cast($dt as timestamp), window_end_ts) as second,
    level_id,
    level_side,
    state,
    recent_state,
    held_s,
    c1,
    c2,
    c3,
    c4,
    asks_retreat_z,
    asks_pull_z,
    bids_recede_z,
    bids_pull_z,
    asks_retreat_qty,
    asks_pull_qty,
    bids_recede_qty,
    bids_pull_qty,
    conditions_basis
from gold.conditions_in_use_1s
where
    symbol = $symbol
    and dt = $dt
    and window_start_ts >= $start_ts
    and window_start_ts < $end_ts
order by window_start_ts, level_id;

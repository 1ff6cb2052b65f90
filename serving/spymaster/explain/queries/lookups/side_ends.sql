-- Seconds in which a level came to a side of spot, and those before them, which say that it did
select distinct
    unnest([changes.window_end_ts, changes.window_end_ts - interval 1 second]) as window_end_ts
from steps.level_side_changes as changes
where
    changes.symbol = $symbol
    and changes.dt = $dt
    and list_contains($level_ids, changes.level_id)
    and changes.window_end_ts >= $first_end_ts
    and changes.window_end_ts <= $to_ts
order by window_end_ts;

-- Changes of side within the seconds, and the last one of each level before them
select changes.*
from steps.level_side_changes as changes
where
    changes.symbol = $symbol
    and changes.dt = $dt
    and list_contains($level_ids, changes.level_id)
    and changes.window_end_ts <= $to_ts
qualify
    changes.window_end_ts > $from_ts
    or coalesce(
        lead(changes.window_end_ts) over (
            partition by changes.level_id
            order by changes.window_end_ts
        ) > $from_ts,
        true
    )

-- Anchors of levels, back to the last second at which price was not at the level: it says from
-- which side price comes
select anchors.*
from steps.level_anchors_1s as anchors
where
    anchors.symbol = $symbol
    and anchors.dt = $dt
    and list_contains($level_ids, anchors.level_id)
    and anchors.window_end_ts <= $to_ts
    and anchors.window_end_ts >= coalesce(
        (
            select max(earlier.window_end_ts)
            from steps.level_anchors_1s as earlier
            where
                earlier.symbol = $symbol
                and earlier.dt = $dt
                and earlier.level_id = anchors.level_id
                and earlier.k_ticks != 0
                and earlier.window_end_ts <= $from_end_ts
        ),
        $from_end_ts
    )

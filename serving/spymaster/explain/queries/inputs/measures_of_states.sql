-- Measures at the prices of some levels
select measures.*
from steps.turn_measures_1s as measures
where
    measures.symbol = $symbol
    and measures.dt = $dt
    and measures.window_start_ts >= $from_ts
    and measures.window_start_ts < $to_ts
    and list_contains($condition_windows, measures.condition_window_s)
    and measures.level_tick in (
        select anchors.level_tick
        from steps.level_anchors_1s as anchors
        where
            anchors.symbol = $symbol
            and anchors.dt = $dt
            and anchors.window_end_ts > $from_ts
            and anchors.window_end_ts <= $to_ts
            and list_contains($level_ids, anchors.level_id)
    )

-- Usual sizes in force from the first second on
select spreads.*
from steps.turn_calibration as spreads
where
    spreads.symbol = $symbol
    and spreads.dt = $dt
    and list_contains($condition_windows, spreads.condition_window_s)
    and spreads.valid_from_ts < $to_ts
    and spreads.valid_from_ts >= coalesce(
        (
            select max(earlier.valid_from_ts)
            from steps.turn_calibration as earlier
            where
                earlier.symbol = $symbol
                and earlier.dt = $dt
                and earlier.valid_from_ts <= $from_ts
        ),
        $from_ts
    )

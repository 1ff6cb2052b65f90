-- What scales the rows of a contract-day: of earlier sessions, or of the day itself so far
select distinct calibration_mode
from (
    select
        symbol,
        dt,
        calibration_mode
    from steps.physics_calibration_modes
    union all
    select
        symbol,
        dt,
        calibration_mode
    from steps.turn_calibration
)
where
    symbol = $symbol
    and dt = $dt;

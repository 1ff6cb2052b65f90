-- What the scores of a contract-day are scaled by
select calibration_mode
from steps.physics_calibration_modes
where
    symbol = $symbol
    and dt = $dt;

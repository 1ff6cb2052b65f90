-- What the scores of a contract-day are scaled by
select calibration_mode
from silver.physics_calibration_modes
where
    symbol = $symbol
    and dt = $dt;

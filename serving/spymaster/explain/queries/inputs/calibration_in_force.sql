-- Quantiles in force from the first minute on
select calibration.*
from gold.physics_norm_calibration as calibration
where
    calibration.root = $root
    and calibration.dt = $dt
    and calibration.valid_from_ts < $to_ts
    and calibration.valid_from_ts >= (
        select max(earlier.valid_from_ts)
        from gold.physics_norm_calibration as earlier
        where
            earlier.root = $root
            and earlier.dt = $dt
            and earlier.valid_from_ts <= $from_ts
    )

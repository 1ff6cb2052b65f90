-- How much ease of moving up and down usually differ, over the known seconds until a retest
select median(abs(above_score - below_score)) as usual_difference
from silver.physics_bands_1s
where
    symbol = $symbol
    and dt = $dt
    and window_end_ts <= $retest_window_end_ts;

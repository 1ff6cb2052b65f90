-- Seconds at which a quantile that scales the scores leaps, by more than a share of the range
-- between the quantiles before
with

days as (
    select
        calibration.metric_name,
        calibration.valid_from_ts,
        calibration.q05,
        calibration.q95
    from gold.physics_norm_calibration as calibration
    inner join steps.physics_calibration_modes as modes
        on
            calibration.root = modes.root
            and calibration.dt = modes.dt
    where
        modes.symbol = $symbol
        and modes.dt in $days
        -- no score scales it
        and calibration.metric_name != 'gex_abs'
        and calibration.q05 is not null
),

changes as (
    select
        valid_from_ts,
        q05,
        q95,
        lag(q05) over (partition by metric_name order by valid_from_ts) as last_q05,
        lag(q95) over (partition by metric_name order by valid_from_ts) as last_q95
    from days
)

select distinct date_diff('second', $start_ts, valid_from_ts) as second
from changes
where
    greatest(abs(q05 - last_q05), abs(q95 - last_q95)) > $step_share * (last_q95 - last_q05)
    and valid_from_ts >= $start_ts
    and valid_from_ts < $end_ts
order by second;

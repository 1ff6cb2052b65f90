-- Barriers around spot at each horizon; a moment with volatility lies between them
select
    outcomes.horizon_id,
    outcomes.horizon_s,
    outcomes.barrier_ticks,
    true as is_judged
from gold.spot_outcomes as outcomes
inner join silver.spot_moments as moments
    on
        outcomes.symbol = moments.symbol
        and outcomes.dt = moments.dt
        and outcomes.window_end_ts = moments.window_end_ts
        and outcomes.barrier_kind = moments.barrier_mode
where
    outcomes.symbol = $symbol
    and outcomes.dt = $dt
    and outcomes.window_end_ts = $window_end_ts;

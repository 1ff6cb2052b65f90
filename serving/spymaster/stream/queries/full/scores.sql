-- Break scores of a range of seconds, with the readings of barrier, tape and fuel of the same level
select
    scores.*,
    barriers.state as barrier_state,
    barriers.delta_liq as barrier_delta_liq,
    barriers.replenishment_ratio as barrier_replenishment_ratio,
    barriers.added as barrier_added,
    barriers.canceled as barrier_canceled,
    barriers.filled as barrier_filled,
    barriers.churn as barrier_churn,
    barriers.depth_in_zone as barrier_depth_in_zone,
    barriers.wall_ratio as barrier_wall_ratio,
    barriers.defending_quote_price_int as barrier_defending_quote_price_int,
    barriers.defending_quote_size as barrier_defending_quote_size,
    barriers.confidence as barrier_confidence,
    tapes.buy_vol as tape_buy_vol,
    tapes.sell_vol as tape_sell_vol,
    tapes.imbalance as tape_imbalance,
    tapes.velocity_ticks_s as tape_velocity_ticks_s,
    tapes.sweep_detected as tape_sweep_detected,
    tapes.sweep_direction as tape_sweep_direction,
    tapes.sweep_num_prints as tape_sweep_num_prints,
    tapes.sweep_span_ms as tape_sweep_span_ms,
    tapes.sweep_notional as tape_sweep_notional,
    tapes.sweep_age_s as tape_sweep_age_s,
    tapes.confidence as tape_confidence,
    fuels.fuel_available,
    fuels.net_dealer_gamma as fuel_net_dealer_gamma,
    fuels.effect as fuel_effect,
    fuels.call_wall_price_int as fuel_call_wall_price_int,
    fuels.put_wall_price_int as fuel_put_wall_price_int,
    fuels.gamma_flip_price as fuel_gamma_flip_price,
    epoch_ns(scores.window_end_ts) as window_end_ts_ns
from gold.break_score_1s as scores
inner join silver.barrier_engine_1s as barriers
    on
        scores.symbol = barriers.symbol
        and scores.dt = barriers.dt
        and scores.window_start_ts = barriers.window_start_ts
        and scores.level_id = barriers.level_id
inner join silver.tape_engine_1s as tapes
    on
        scores.symbol = tapes.symbol
        and scores.dt = tapes.dt
        and scores.window_start_ts = tapes.window_start_ts
        and scores.level_id = tapes.level_id
inner join silver.fuel_engine_1s as fuels
    on
        scores.symbol = fuels.symbol
        and scores.dt = fuels.dt
        and scores.window_start_ts = fuels.window_start_ts
        and scores.level_id = fuels.level_id
where
    scores.symbol = $symbol
    and scores.dt = $dt
    and scores.window_start_ts >= $start_ts
    and scores.window_start_ts < $end_ts
    and barriers.symbol = $symbol
    and barriers.dt = $dt
    and barriers.window_start_ts >= $start_ts
    and barriers.window_start_ts < $end_ts
    and tapes.symbol = $symbol
    and tapes.dt = $dt
    and tapes.window_start_ts >= $start_ts
    and tapes.window_start_ts < $end_ts
    and fuels.symbol = $symbol
    and fuels.dt = $dt
    and fuels.window_start_ts >= $start_ts
    and fuels.window_start_ts < $end_ts
order by scores.window_start_ts, scores.level_id;

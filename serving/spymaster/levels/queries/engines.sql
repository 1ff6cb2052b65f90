-- Readings of the engines and break score of the levels of a second, with the first second of the
-- present signal
with

scores as (
    select
        *,
        window_end_ts - to_seconds(
            row_number() over (partition by level_id, direction, signal order by window_end_ts)
        ) as run
    from gold.break_score_1s
    where
        symbol = $symbol
        and dt = $dt
        and window_end_ts <= $at
),

present as (
    select
        *,
        min(window_end_ts) over (partition by level_id, direction, signal, run)
            as signal_since_ts
    from scores
    qualify window_end_ts = $at
)

select
    present.* exclude (run),
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
    fuels.effect as fuel_effect
from present
inner join silver.barrier_engine_1s as barriers using (symbol, dt, window_end_ts, level_id)
inner join silver.tape_engine_1s as tapes using (symbol, dt, window_end_ts, level_id)
inner join silver.fuel_engine_1s as fuels using (symbol, dt, window_end_ts, level_id);

-- Breaks of a contract-day that are known by a moment; what is known later is NULL
with known as (
    select
        *,
        label_end_ts <= $at as is_past,
        coalesce(retest_window_end_ts <= $at, false) as is_back
    from gold.retest_events
    where
        symbol = $symbol
        and dt = $dt
        and basis = $basis
        and level_id = coalesce($level_id, level_id)
        and broken_window_end_ts <= $at
)

select
    known.symbol,
    known.dt,
    known.level_id,
    known.approach_dir,
    known.basis,
    known.conditions_basis,
    known.level_price_int,
    known.approach_ts,
    known.cross_ts,
    known.cross_price_int,
    known.broken_ts,
    known.broken_window_end_ts,
    if(known.is_back, known.retest_ts, null) as retest_ts,
    if(known.is_back, known.retest_price_int, null) as retest_price_int,
    if(known.is_back, known.retest_window_end_ts, null) as retest_window_end_ts,
    if(known.is_back, known.retest_wait_s, null) as retest_wait_s,
    if(known.is_back, known.excursion_ticks, null) as excursion_ticks,
    if(known.is_back, known.retest_x_ticks, null) as retest_x_ticks,
    if(known.is_back, known.turn_state, null) as turn_state,
    if(known.is_back, known.above_score, null) as above_score,
    if(known.is_back, known.below_score, null) as below_score,
    if(known.is_back, known.bid_states, null) as bid_states,
    if(known.is_back, known.ask_states, null) as ask_states,
    known.is_past,
    if(known.is_past, known.outcome, null) as outcome,
    if(known.is_past, known.outcome_ts, null) as outcome_ts
from known
order by known.cross_ts, known.level_id, known.approach_dir;

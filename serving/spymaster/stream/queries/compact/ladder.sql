-- Rungs of every level near spot in a range of seconds; the view is computed here, so that the time
-- is bounded first
select
    date_diff('second', cast($dt as timestamp), ladder.window_end_ts) as second,
    ladder.level_id,
    ladder.level_price_int // $tick_int as level_tick,
    ladder.k_ticks,
    ladder.point_offset,
    round(coalesce($ladder_step, settings.ladder_rung_points) * 1e9 / $tick_int) as rung_ticks,
    ladder.bid_depth,
    ladder.ask_depth,
    ladder.bid_usual_depth,
    ladder.ask_usual_depth,
    ladder.bid_state,
    ladder.ask_state,
    ladder.strike_points,
    ladder.call_physics,
    ladder.put_physics,
    ladder.gex_call_abs,
    ladder.gex_put_abs
from silver.level_ladder_1s as ladder
cross join silver.word_settings as settings
where
    ladder.symbol = $symbol
    and ladder.dt = $dt
    and ladder.window_start_ts >= $start_ts
    and ladder.window_start_ts < $end_ts
    and abs(ladder.k_ticks) <= 40
order by ladder.window_start_ts, ladder.level_id, ladder.point_offset;

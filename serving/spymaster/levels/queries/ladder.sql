-- Rungs of every level of a second, highest first
select
    level_id,
    level_price_int,
    k_ticks,
    point_offset,
    bid_depth,
    ask_depth,
    bid_add,
    ask_add,
    bid_pull,
    ask_pull,
    bid_fill,
    ask_fill,
    long_physics,
    short_physics,
    wall_ratio,
    bid_wall_ratio,
    ask_wall_ratio,
    bid_usual_depth,
    ask_usual_depth,
    bid_net_flow_share,
    ask_net_flow_share,
    bid_state,
    ask_state,
    strike_points,
    strike_distance_ticks,
    call_physics,
    put_physics,
    gex_call_abs,
    gex_put_abs,
    call_net_aggressive_qty,
    put_net_aggressive_qty,
    call_net_resting_qty,
    put_net_resting_qty,
    strike_rungs
from silver.level_ladder_1s
where
    symbol = $symbol
    and dt = $dt
    and window_end_ts = $at
order by level_id, point_offset desc;

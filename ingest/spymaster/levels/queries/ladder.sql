-- Rungs of every level of a second, highest first
select
    level_id,
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
    wall_ratio
from silver.level_ladder_1s
where
    symbol = $symbol
    and dt = $dt
    and window_end_ts = $at
order by level_id, point_offset desc;

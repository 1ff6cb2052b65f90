-- Seconds behind scores: their own, and where they are smoothed those since they began anew, with
-- the second before, which says that they did
with

seconds as (
    select
        *,
        score_raw is null
        or direction is distinct from lag(direction) over days
        or window_end_ts is distinct from lag(window_end_ts) over days + interval 1 second
            as is_start
    from gold.break_score_1s
    where
        symbol = $symbol
        and dt = $dt
        and list_contains($level_ids, level_id)
        and window_end_ts <= $to_ts
    window days as (partition by level_id order by window_end_ts)
),

starts as (
    select
        level_id,
        max(window_end_ts) as window_end_ts
    from seconds
    where is_start and window_end_ts <= $first_end_ts
    group by level_id
)

select distinct seconds.window_end_ts
from seconds
inner join starts on seconds.level_id = starts.level_id
where
    seconds.window_end_ts >= $first_end_ts
    or ($is_smoothed and seconds.window_end_ts >= starts.window_end_ts)
order by seconds.window_end_ts;

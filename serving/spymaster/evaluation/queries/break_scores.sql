-- One row per decision with a break score of its own direction at its second; while a course of the
-- other direction is under way there is none
select
    keys.number,
    scores.score_smooth,
    scores.score_raw,
    scores.s_l,
    scores.s_h,
    scores.s_t,
    scores.signal
from keys
inner join gold.break_score_1s as scores
    on
        keys.symbol = scores.symbol
        and keys.dt = scores.dt
        and keys.level_id = scores.level_id
        and keys.window_end_ts = scores.window_end_ts
        and if(keys.approach_dir = 'approach_up', 'UP', 'DOWN') = scores.break_direction
where scores.score_smooth is not null
order by keys.number

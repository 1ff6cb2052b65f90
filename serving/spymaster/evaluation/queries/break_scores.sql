-- One row per decision with a break score at its second
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
where scores.score_smooth is not null
order by keys.number

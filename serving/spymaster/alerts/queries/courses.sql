-- The approach under way at the level of each new event
select
    fired.window_end_ts,
    fired.level_id,
    courses.direction,
    courses.phase
from alerts.fired as fired
inner join silver.approach_course_1s as courses
    on
        fired.window_end_ts = courses.window_end_ts
        and fired.level_id = courses.level_id;

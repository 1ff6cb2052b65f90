-- The side that defends a level is the one that an approach comes up against, until the approach
-- is resolved; without an approach, the one on the level's side of spot. At the level itself the
-- side without an approach is that of earlier seconds, which this test leaves out.
{{ config(meta={'partitions_of': ['engine_levels_1s']}) }}

with

levels as (
    select * from {{ ref('engine_levels_1s') }}
    where {{ in_partition() }}
),

courses as (
    select * from {{ ref('approach_course_1s') }}
    where {{ in_partition() }}
)

select
    levels.window_end_ts,
    levels.level_id,
    levels.k_ticks,
    levels.direction,
    courses.direction as course_direction
from levels
left join courses
    on
        levels.window_end_ts = courses.window_end_ts
        and levels.level_id = courses.level_id
where
    levels.direction is distinct from case
        when courses.direction = 'up' then 'RESISTANCE'
        when courses.direction = 'down' then 'SUPPORT'
        when levels.k_ticks > 0 then 'RESISTANCE'
        when levels.k_ticks < 0 then 'SUPPORT'
        else levels.direction
    end

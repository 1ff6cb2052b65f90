-- Changes of whether the four conditions have held a state for long enough; sides are seen in the
-- direction of the course under way, as the sentences see them
with

placed as (
    select
        levels.window_end_ts,
        levels.level_id,
        levels.is_active,
        levels.is_primary,
        offsets.k_ticks
    from silver.levels_1s as levels
    inner join silver.level_offset_1s as offsets using (window_end_ts, level_id)
),

seen as (
    select
        conditions.window_end_ts,
        conditions.level_id,
        conditions.held_s,
        if(
            courses.direction is not null
            and conditions.level_side != if(courses.direction = 'up', 1, -1),
            case conditions.state
                when 'ahead_only' then 'behind_only'
                when 'behind_only' then 'ahead_only'
                else conditions.state
            end,
            conditions.state
        ) as state
    from gold.conditions_in_use_1s as conditions
    left join silver.approach_course_1s as courses using (window_end_ts, level_id)
),

judged as (
    select
        placed.window_end_ts,
        rules.rule,
        placed.level_id as subject,
        placed.level_id,
        'held' as event,
        case
            when not placed.is_active or abs(placed.k_ticks) > rules.ticks + rules.margin
                then false
            when seen.state is not null and not list_contains(rules.states, seen.state)
                then false
            when
                list_contains(rules.states, seen.state)
                and seen.held_s >= rules.held_s
                and abs(placed.k_ticks) <= rules.ticks
                and (placed.is_primary or watched.is_named)
                then true
        end as is_on,
        struct_pack(state := seen.state, held_s := seen.held_s) as measured
    from placed
    inner join alerts.watched as watched on placed.level_id = watched.level_id
    inner join alerts.held as rules on watched.rule = rules.rule
    left join seen
        on
            placed.window_end_ts = seen.window_end_ts
            and placed.level_id = seen.level_id
)

select *
from judged
where is_on is not null
qualify
    lag(is_on) over (partition by rule, subject order by window_end_ts) is distinct from is_on
order by window_end_ts;

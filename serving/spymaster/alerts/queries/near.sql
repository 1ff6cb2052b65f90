-- Changes of whether an active level is near spot; of levels that stack, the first one counts and
-- those that a rule names
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

judged as (
    select
        placed.window_end_ts,
        rules.rule,
        placed.level_id as subject,
        placed.level_id,
        'near' as event,
        case
            when not placed.is_active or abs(placed.k_ticks) > rules.ticks + rules.margin
                then false
            when abs(placed.k_ticks) <= rules.ticks and (placed.is_primary or watched.is_named)
                then true
        end as is_on,
        struct_pack(within_ticks := cast(rules.ticks as integer)) as measured
    from placed
    inner join alerts.watched as watched on placed.level_id = watched.level_id
    inner join alerts.near as rules on watched.rule = rules.rule
)

select *
from judged
where is_on is not null
qualify
    lag(is_on) over (partition by rule, subject order by window_end_ts) is distinct from is_on
order by window_end_ts;

-- Changes of whether a large wall stands near a level; it has left when it is no longer a wall, or
-- smaller by the margin
with

placed as (
    select
        levels.window_end_ts,
        levels.level_id,
        levels.level_price_int
    from silver.levels_1s as levels
    where levels.is_active
),

-- the nearest level of each wall among those that the rule looks at
near as (
    select
        walls.window_end_ts,
        rules.rule,
        walls.side,
        walls.price_int,
        placed.level_id
    from silver.walls_1s as walls
    inner join placed on walls.window_end_ts = placed.window_end_ts
    inner join alerts.watched as watched on placed.level_id = watched.level_id
    inner join alerts.wall as rules on watched.rule = rules.rule
    where
        list_contains(rules.events, 'appears')
        and abs(walls.price_int - placed.level_price_int) <= rules.points * $price_scale
    qualify
        row_number() over (
            partition by rules.rule, walls.window_end_ts, walls.side, walls.price_int
            order by abs(walls.price_int - placed.level_price_int), placed.level_id
        ) = 1
),

standing as (
    select
        walls.window_end_ts,
        rules.rule,
        walls.side || ' ' || walls.price_int as subject,
        near.level_id,
        case
            when walls.wall_ratio < rules.ratio - rules.margin then false
            when walls.wall_ratio >= rules.ratio and near.level_id is not null then true
        end as is_on,
        struct_pack(
            side := walls.side,
            wall_price := walls.price_int / $price_scale,
            wall_ratio := walls.wall_ratio,
            contracts := walls.depth_qty,
            age_s := walls.age_s,
            like_it := struct_pack(
                n_walls := fates.n_walls,
                support := fates.support,
                pulled_share := fates.pulled_share,
                pulled_late_share := fates.pulled_late_share,
                eaten_share := fates.eaten_share,
                held_share := fates.held_share
            )
        ) as measured
    from silver.walls_1s as walls
    cross join alerts.wall as rules
    left join near
        on
            rules.rule = near.rule
            and walls.window_end_ts = near.window_end_ts
            and walls.side = near.side
            and walls.price_int = near.price_int
    left join gold.eval_walls as fates
        on
            walls.ratio_from = fates.ratio_from
            and walls.age_from_s = fates.age_from_s
            and walls.distance_from_ticks = fates.distance_from_ticks
    where list_contains(rules.events, 'appears')
),

-- a wall without a row in the second after has left; those of the step before may have, too
left_behind as (
    select
        window_end_ts,
        rule,
        subject
    from standing
    union all
    select
        cast($from_ts as timestamp) as window_end_ts,
        rule,
        subject
    from alerts.open_events
    where event = 'appears'
),

gone as (
    select
        window_end_ts + interval 1 second as window_end_ts,
        rule,
        subject
    from left_behind
    qualify
        coalesce(
            lead(window_end_ts) over (partition by rule, subject order by window_end_ts)
            > window_end_ts + interval 1 second,
            window_end_ts < $to_ts
        )
),

judged as (
    select
        window_end_ts,
        rule,
        subject,
        level_id,
        is_on,
        measured
    from standing
    where is_on is not null
    union all by name
    select
        window_end_ts,
        rule,
        subject,
        false as is_on
    from gone
)

select
    window_end_ts,
    rule,
    subject,
    level_id,
    'appears' as event,
    is_on,
    measured
from judged
qualify
    lag(is_on) over (partition by rule, subject order by window_end_ts) is distinct from is_on
order by window_end_ts;

-- Walls near a level that were large and are gone, in the second that decides why; a wall that
-- passed through several bands counts once by outcome
with

ended as (
    select
        *,
        if(outcome = 'pulled_late', 'pulled', outcome) as event
    from silver.wall_fates_1s
    where outcome in ('pulled', 'pulled_late', 'eaten')
),

near as (
    select
        ended.window_end_ts,
        rules.rule,
        ended.event || ' ' || ended.side || ' ' || ended.price_int || ' ' || ended.started_ts
            as subject,
        levels.level_id,
        ended.event,
        true as is_on,
        struct_pack(
            side := ended.side,
            wall_price := ended.price_int / $price_scale,
            wall_ratio := ended.wall_ratio,
            contracts := ended.depth_qty,
            age_s := ended.age_s,
            like_it := struct_pack(
                n_walls := fates.n_walls,
                support := fates.support,
                pulled_share := fates.pulled_share,
                pulled_late_share := fates.pulled_late_share,
                eaten_share := fates.eaten_share,
                held_share := fates.held_share
            )
        ) as measured,
        abs(ended.price_int - levels.level_price_int) as from_level_int
    from ended
    inner join silver.levels_1s as levels
        on ended.window_end_ts = levels.window_end_ts and levels.is_active
    inner join alerts.watched as watched on levels.level_id = watched.level_id
    inner join alerts.wall as rules
        on
            watched.rule = rules.rule
            and list_contains(rules.events, ended.event)
            and ended.wall_ratio >= rules.ratio
    left join gold.eval_walls as fates
        on
            ended.ratio_from = fates.ratio_from
            and ended.age_from_s = fates.age_from_s
            and ended.distance_from_ticks = fates.distance_from_ticks
    where abs(ended.price_int - levels.level_price_int) <= rules.points * $price_scale
)

select * exclude (from_level_int)
from near
qualify
    row_number() over (
        partition by rule, subject
        order by window_end_ts, from_level_int, level_id, measured.age_s desc, measured.wall_ratio
    ) = 1
order by window_end_ts;

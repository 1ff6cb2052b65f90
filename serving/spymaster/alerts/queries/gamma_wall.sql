-- Changes of whether the strike with the largest call or put gamma lies near spot
with

walls as (
    select
        window_end_ts,
        unnest([
            struct_pack(
                side := 'call', price_int := call_wall_price_int, distance := call_wall_ticks
            ),
            struct_pack(
                side := 'put', price_int := put_wall_price_int, distance := put_wall_ticks
            )
        ], recursive := true)
    from silver.gex_summary_1s
),

judged as (
    select
        walls.window_end_ts,
        rules.rule,
        walls.side as subject,
        cast(null as varchar) as level_id,
        'gamma_wall' as event,
        case
            when abs(walls.distance) > rules.ticks + rules.margin then false
            when abs(walls.distance) <= rules.ticks then true
        end as is_on,
        struct_pack(
            side := walls.side,
            wall_price := walls.price_int / $price_scale,
            distance_ticks := walls.distance
        ) as measured
    from walls
    inner join alerts.gamma_wall as rules on list_contains(rules.walls, walls.side)
)

select *
from judged
where is_on is not null
qualify
    lag(is_on) over (partition by rule, subject order by window_end_ts) is distinct from is_on
order by window_end_ts;

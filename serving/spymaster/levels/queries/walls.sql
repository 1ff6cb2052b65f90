-- Walls of a second before price has come to them, and what became of walls like them; no row
-- before an evaluation
select
    walls.side,
    walls.price_int,
    walls.wall_ratio,
    walls.age_s,
    walls.distance_ticks,
    judged.n_walls,
    judged.pulled_share,
    judged.pulled_late_share,
    judged.eaten_share,
    judged.held_share,
    coalesce(judged.support, 'too few walls') as support
from silver.walls_1s as walls
left join gold.eval_walls as judged
    on
        starts_with($symbol, judged.root)
        and walls.ratio_from = judged.ratio_from
        and walls.age_from_s = judged.age_from_s
        and walls.distance_from_ticks = judged.distance_from_ticks
where
    walls.symbol = $symbol
    and walls.dt = $dt
    and walls.window_end_ts = $at
    and walls.ratio_from is not null
    and walls.age_from_s is not null
    and walls.distance_from_ticks is not null
    and exists (
        select evaluated.root
        from gold.eval_walls as evaluated
        where starts_with($symbol, evaluated.root)
    )
order by walls.wall_ratio desc, walls.price_int;

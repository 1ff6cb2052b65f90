-- What became of walls of a product, by combination of bands
select
    ratio_from,
    age_from_s,
    distance_from_ticks,
    n_walls,
    support,
    pulled_share,
    pulled_late_share,
    eaten_share,
    held_share
from gold.eval_walls
where
    root = $root
    and ratio_from is not null
    and age_from_s is not null
    and distance_from_ticks is not null;

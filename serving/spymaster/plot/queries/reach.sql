-- Distance from spot up to which walls were written, as far as one can see
select coalesce(max(abs(rel_ticks)), 0) as reach_ticks
from silver.wall_surface_1s
where
    symbol = $symbol
    and dt in $days;

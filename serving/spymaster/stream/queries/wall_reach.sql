-- Largest distance from spot of any wall row of a contract-day, the known reach of walls
select coalesce(max(abs(rel_ticks)), 0) as reach_ticks
from silver.wall_surface_1s
where
    symbol = $symbol
    and dt = $dt;

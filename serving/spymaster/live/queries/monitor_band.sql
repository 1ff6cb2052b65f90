-- Largest distance of a level from spot at which the build publishes its readings, ticks
select cast(value as bigint) as band_ticks
from reference.engine_constants
where name = 'monitor_band_ticks';

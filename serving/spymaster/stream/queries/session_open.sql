-- First second of the session of a contract-day: until then the range of the pre-market is provisional
select epoch_ns(max(window_end_ts)) + 1000000000 as open_ns
from silver.levels_1s
where
    symbol = $symbol
    and dt = $dt
    and level_id in ('pm_high', 'pm_low')
    and is_provisional;

-- Open of the session of a contract-day: from then on the range of the pre-market is final
select epoch_ns(min(window_end_ts)) as open_ns
from silver.levels_1s
where
    symbol = $symbol
    and dt = $dt
    and level_id in ('pm_high', 'pm_low')
    and not is_provisional;

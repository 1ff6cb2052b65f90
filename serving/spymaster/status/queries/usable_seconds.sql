-- One row per contract-day of the book engine, with the causes of unusable seconds.
-- seconds, usable_seconds: all seconds of the day, and seconds without a flag.
-- no_snapshot ... silent: share of seconds with that flag; a second may have several flags.
select
    symbol,
    dt,
    count(*) as seconds,
    count(*) filter (window_valid) as usable_seconds,
    avg(cast(invalid_flags & 1 != 0 as integer)) as no_snapshot,
    avg(cast(invalid_flags & 2 != 0 as integer)) as reset,
    avg(cast(invalid_flags & 4 != 0 as integer)) as maybe_bad_book,
    avg(cast(invalid_flags & 8 != 0 as integer)) as no_quotes,
    avg(cast(invalid_flags & 16 != 0 as integer)) as not_trading,
    avg(cast(invalid_flags & 32 != 0 as integer)) as unknown_cancels,
    avg(cast(invalid_flags & 64 != 0 as integer)) as silent
from silver.book_snapshot_1s
group by symbol, dt
order by symbol, dt

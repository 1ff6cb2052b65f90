-- Contract-days with a book, and the seconds of them that a replay shows: those with surfaces
with ends as (
    select
        symbol,
        dt,
        min(window_start_ts) as first_start_ts,
        max(window_end_ts) as last_end_ts
    from silver.book_snapshot_1s
    where
        dt = coalesce(
            cast($dt as date),
            (select max(contract_days.dt) from silver.contract_days as contract_days)
        )
        and symbol = coalesce(cast($symbol as varchar), symbol)
    group by symbol, dt
)

select
    ends.symbol,
    ends.dt,
    greatest(
        ends.first_start_ts,
        list_min(list_transform(contract_days.surface_windows, part -> part.start_ts))
    ) as start_ts,
    least(
        ends.last_end_ts,
        list_max(list_transform(contract_days.surface_windows, part -> part.end_ts))
    ) as end_ts
from ends
inner join silver.contract_days as contract_days
    on
        ends.symbol = contract_days.symbol
        and ends.dt = contract_days.dt
order by ends.symbol;

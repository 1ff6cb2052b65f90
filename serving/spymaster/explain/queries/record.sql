-- A record of the book of a contract-day, with its order where it has one
select
    records.rec_ordinal,
    cast(epoch_ns(records.ts_event) as varchar) as ts_event_ns,
    records.action,
    records.side,
    cast(future_mbo.order_id as varchar) as order_id,
    records.price_int,
    records.size
from steps.book_records as records
left join bronze.future_mbo as future_mbo
    on
        records.symbol = future_mbo.symbol
        and records.dt = future_mbo.dt
        and records.rec_ordinal = future_mbo.rec_ordinal
where
    records.symbol = $symbol
    and records.dt = $dt
    and records.rec_ordinal = $rec_ordinal;

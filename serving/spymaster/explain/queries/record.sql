-- A record of a contract-day
select
    rec_ordinal,
    cast(epoch_ns(ts_event) as varchar) as ts_event_ns,
    action,
    side,
    cast(order_id as varchar) as order_id,
    price_int,
    size
from bronze.future_mbo
where symbol = $symbol and dt = $dt and rec_ordinal = $rec_ordinal;

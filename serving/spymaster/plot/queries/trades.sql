-- Contracts traded per second, aggressor and price, from the records of the book
select
    date_diff('second', $start_ts, cast(ts_event as timestamp)) as second,
    side,
    price_int,
    cast(sum(size) as bigint) as qty
from steps.book_records
where
    symbol = $symbol
    and dt in $days
    and ts_event >= $start_ts
    and ts_event < $end_ts
    and action = 'T'
    and size > 0
group by all
order by second, side, price_int;

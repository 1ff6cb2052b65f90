-- Contracts traded of a range of seconds, by price and aggressor
select
    date_diff('second', cast($dt as timestamp), cast(ts_event as timestamp)) + 1 as second,
    price_int // $tick_int as tick,
    cast(sum(size) as bigint) as qty,
    case side
        when 'B' then 1
        when 'A' then -1
        else 0
    end as aggressor
from steps.book_records
where
    symbol = $symbol
    and dt = $dt
    and ts_event >= $start_ts
    and ts_event < $end_ts
    and action = 'T'
    and size > 0
group by all
order by second, tick, aggressor;

-- Of each option of some strikes the last quote before, and those since
select quotes.*
from silver.option_book_1s as quotes
where
    quotes.symbol = $symbol
    and quotes.dt = $dt
    and list_contains($option_symbols, quotes.option_symbol)
    and quotes.window_end_ts <= $to_ts
qualify
    quotes.window_end_ts > $from_end_ts
    or row_number() over (
        partition by quotes.option_symbol, quotes.window_end_ts > $from_end_ts
        order by quotes.window_end_ts desc
    ) = 1

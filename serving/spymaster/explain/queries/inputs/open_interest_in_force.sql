-- Open interest of the options of some strikes as it was known
select interest.*
from silver.option_open_interest as interest
where
    interest.symbol = $symbol
    and interest.dt = $dt
    and list_contains($option_symbols, interest.option_symbol)
    and interest.known_from_ts <= cast($to_ts as timestamp)
    and (
        interest.known_until_ts is null
        or interest.known_until_ts > cast($from_end_ts as timestamp)
    )

-- Options of the strikes that near_strikes finds
select option_symbol
from silver.option_contracts
where symbol = $symbol and dt = $dt and list_contains($near_strikes, strike_price_int)
order by option_symbol;

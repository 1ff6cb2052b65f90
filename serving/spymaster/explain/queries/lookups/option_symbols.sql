-- Options of some strikes
select option_symbol
from silver.option_contracts
where symbol = $symbol and dt = $dt and list_contains($strikes, strike_price_int)
order by option_symbol;

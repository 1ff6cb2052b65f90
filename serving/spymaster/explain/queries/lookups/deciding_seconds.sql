-- Seconds of the trades that deciding_trades finds
select distinct window_start_ts
from steps.contract_trades
where
    symbol = $symbol
    and dt = $dt
    and list_contains($deciding_trades, trade_no)

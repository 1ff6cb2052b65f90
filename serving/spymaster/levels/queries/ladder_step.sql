-- Height of a rung that the product of a contract-day has of its own, points; as in the models
select instruments.ladder_step
from silver.contract_days as contract_days
inner join reference.instruments as instruments on contract_days.root = instruments.root
where
    contract_days.symbol = $symbol
    and contract_days.dt = $dt
    and instruments.ladder_step is not null;

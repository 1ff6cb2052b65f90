-- One row per contract with approaches to levels: their number, and the number of their days.
select
    symbol,
    count(*) as episodes,
    count(distinct dt) as days
from gold.approach_episodes
group by symbol
order by symbol

-- How approaches of earlier days ended that came to each level, by direction; a root that is a
-- symbol is that of an equity
select
    level_id,
    direction,
    count(*) as n_reached,
    count(*) filter (resolved = 'BREAK') as n_break,
    count(*) filter (resolved = 'REJECT') as n_reject
from gold.approaches
where
    case
        when $symbol in (select root from reference.instruments) then symbol = $symbol
        else
            symbol not in (select root from reference.instruments)
            and regexp_extract(symbol, '^([A-Z0-9]+)[FGHJKMNQUVXZ][0-9]{1,2}$', 1)
            = regexp_extract($symbol, '^([A-Z0-9]+)[FGHJKMNQUVXZ][0-9]{1,2}$', 1)
    end
    and dt < $dt
    and reached_ts is not null
group by level_id, direction;

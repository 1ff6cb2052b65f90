-- How approaches of earlier days ended that came to each level, by direction
select
    level_id,
    direction,
    count(*) as n_reached,
    count(*) filter (resolved = 'BREAK') as n_break,
    count(*) filter (resolved = 'REJECT') as n_reject
from gold.approaches
where
    regexp_extract(symbol, '^([A-Z0-9]+)[FGHJKMNQUVXZ][0-9]{1,2}$', 1)
    = regexp_extract($symbol, '^([A-Z0-9]+)[FGHJKMNQUVXZ][0-9]{1,2}$', 1)
    and dt < $dt
    and reached_ts is not null
group by level_id, direction;

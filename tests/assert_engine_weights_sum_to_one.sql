-- The break score is a mean of its three parts, and lies between 0 and 100 like them.
select sum(value) as total
from {{ ref('engine_constants') }}
where name in ('w_l', 'w_h', 'w_t')
having abs(sum(value) - 1) > 1e-12

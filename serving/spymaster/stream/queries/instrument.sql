-- Terms of the product of a contract; of several roots that start its symbol the longest is its own
select
    root,
    point_value
from reference.instruments
where starts_with($symbol, root)
order by length(root) desc
limit 1;

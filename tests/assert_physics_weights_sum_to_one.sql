-- The weights of each group are shares of one score.
select
    weight_group,
    sum(weight) as total
from {{ ref('physics_weights') }}
group by weight_group
having abs(sum(weight) - 1) > 1e-12

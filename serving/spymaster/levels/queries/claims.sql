-- What the latest evaluation says of the sentences of the hypothesis that name a side
select
    claims.state,
    claims.verdict
from gold.eval_turn_conditions as claims
inner join gold.retrieval_settings as settings on claims.horizon_id = settings.horizon_id
where
    starts_with($symbol, claims.root)
    and claims.basis = 'at_once'
    and claims.conditions_basis = $conditions_basis
    and claims.slice = 'all'
    and claims.state in ('all_four', 'ahead_only')
    and claims.verdict is not null;

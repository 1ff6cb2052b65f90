-- What the evaluation says of gamma walls at the horizon of the odds: the row of the preferred sign
-- of dealers' gamma, of long where none is
select
    judged.n_episodes,
    judged.held_share,
    judged.broke_share,
    judged.other_held_share,
    judged.other_broke_share,
    judged.preferred_sign
from gold.eval_gamma_walls as judged
inner join gold.retrieval_settings as settings on judged.horizon_id = settings.horizon_id
where
    starts_with($symbol, judged.root)
    and judged.approach_dir = 'both'
    and judged.distance_band is null
    and judged.dealer_gamma_sign = if(judged.preferred_sign = 'short', 'short', 'long')
order by length(judged.root) desc
limit 1;

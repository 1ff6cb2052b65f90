-- What the evaluation says of the break score, at the horizon of the odds
select
    judged.verdict,
    judged.rival,
    judged.skill,
    judged.skill_lo,
    judged.skill_hi,
    judged.n_days,
    judged.n_episodes
from gold.eval_break_score as judged
cross join gold.retrieval_settings as settings
where
    starts_with($symbol, judged.root)
    and judged.horizon_id = settings.horizon_id
    and judged.slice = 'all'
    and judged.model = 'break_score'
    and judged.verdict is not null
-- several roots may match the start of the symbol; the longest is its root
order by length(judged.root) desc
limit 1;

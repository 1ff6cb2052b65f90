-- First and last day with a verdict; NULL without an evaluation.
select
    min(asof_dt) as first_dt,
    max(asof_dt) as last_dt
from gold.eval_retrieval_verdict_asof

{{ config(materialized='table') }}

with evaluation as (
    {{ read_evaluation(retrieval_settings()) }}
)

select *
from evaluation
order by root, horizon_id, approach_dir, model, asof_dt, outcome

{{ config(materialized='table') }}

with evaluation as (
    {{ read_evaluation() }}
)

select *
from evaluation
order by root, horizon_id, approach_dir, decision_phase, slice, model, outcome, bin

{{ config(materialized='table') }}

with evaluation as (
    {{ read_evaluation() }}
)

select *
from evaluation
order by root, conditions_basis, basis, approach_dir, turn_state

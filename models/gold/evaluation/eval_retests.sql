{{ config(materialized='table') }}

with evaluation as (
    {{ read_evaluation() }}
)

select *
from evaluation
order by root, basis, approach_dir, turn_state

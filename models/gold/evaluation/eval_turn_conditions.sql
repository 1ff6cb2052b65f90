{{ config(materialized='table') }}

with evaluation as (
    {{ read_evaluation() }}
)

select *
from evaluation
order by
    root, horizon_id, condition_window_s, conditions_basis, basis, slice, approach_dir, level_kind,
    distance_band, state, outcome

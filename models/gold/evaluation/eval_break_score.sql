{{ config(materialized='table') }}

with evaluation as (
    {{ read_evaluation() }}
)

select *
from evaluation
order by root, horizon_id, slice, approach_dir, distance_band, model, rival

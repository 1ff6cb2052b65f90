{{ config(materialized='table') }}

with evaluation as (
    {{ read_evaluation() }}
)

select *
from evaluation
order by horizon_id, approach_dir, dt, window_end_ts, level_id, slice, model

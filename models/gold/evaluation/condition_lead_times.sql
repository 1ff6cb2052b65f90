{{ config(materialized='table') }}

with evaluation as (
    {{ read_evaluation() }}
)

select *
from evaluation
order by root, horizon_id, conditions_basis, session_date, first_window_end_ts, level_id

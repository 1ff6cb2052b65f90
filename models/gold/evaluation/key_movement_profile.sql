{{ config(materialized='table') }}

with evaluation as (
    {{ read_evaluation() }}
)

select *
from evaluation
order by root, direction, reading, derivative, second

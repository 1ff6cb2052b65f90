{{ config(materialized='table') }}

with evaluation as (
    {{ read_evaluation() }}
)

select *
from evaluation
order by root, horizon_id, approach_dir, distance_band, dealer_gamma_sign

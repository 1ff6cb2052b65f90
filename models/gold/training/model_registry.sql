{{ config(materialized='table') }}

with training as (
    {{ read_evaluation(folder='models', command='spymaster train') }}
)

select *
from training
order by model_id

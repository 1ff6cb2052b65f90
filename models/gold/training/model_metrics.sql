{{ config(materialized='table') }}

with training as (
    {{ read_evaluation(folder='models', command='spymaster train') }}
)

select *
from training
order by root, horizon_id, unit, approach_dir, head, slice, log_loss, model

{{ config(materialized='table') }}

{% set columns = {
    'root': 'varchar',
    'approach_dir': 'varchar',
    'horizon_id': 'varchar',
    'slice': 'varchar',
    'model': 'varchar',
    'metric': 'varchar',
    'value': 'double',
    'lo': 'double',
    'hi': 'double',
} %}

with evaluation as (
    {{ read_evaluation(columns) }}
)

select
    root,
    approach_dir,
    horizon_id,
    slice,
    model,
    metric,
    value,
    lo,
    hi
from evaluation
order by root, horizon_id, approach_dir, slice, model, metric

{{ config(materialized='table') }}

{% set columns = {
    'root': 'varchar',
    'approach_dir': 'varchar',
    'horizon_id': 'varchar',
    'slice': 'varchar',
    'model': 'varchar',
    'outcome': 'varchar',
    'bin': 'integer',
    'n_rows': 'bigint',
    'weight': 'double',
    'mean_probability': 'double',
    'observed_share': 'double',
    'observed_lo': 'double',
    'observed_hi': 'double',
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
    outcome,
    bin,
    n_rows,
    weight,
    mean_probability,
    observed_share,
    observed_lo,
    observed_hi
from evaluation
order by root, horizon_id, approach_dir, slice, model, outcome, bin

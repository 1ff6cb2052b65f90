{{ config(materialized='table') }}

with

evaluation as (
    {{ read_evaluation(retrieval_settings()) }}
),

-- an evaluation of another family says nothing of the answers
families as (
    select distinct
        root,
        unnest([retrieval_family, 'spot']) as retrieval_family
    from {{ ref('retrieval_families') }}
),

of_answers as (
    select evaluation.*
    from evaluation
    semi join families
        on
            evaluation.root = families.root
            and evaluation.retrieval_family = families.retrieval_family
)

select *
from of_answers
order by root, horizon_id, approach_dir, decision_phase, model, asof_dt

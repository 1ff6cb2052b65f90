{{ config(materialized='view') }}

with

library as (
    select * from {{ ref('retrieval_library') }}
),

families as (
    select distinct
        root,
        retrieval_family
    from {{ ref('retrieval_families') }}
),

mirrors as (
    select
        retrieval_family,
        approach_dir,
        list(coalesce(mirror_feature_index, -1) order by feature_index) as mirror_columns,
        list(coalesce(mirror_sign, 1) order by feature_index) as mirror_signs
    from {{ ref('retrieval_mirror') }}
    group by retrieval_family, approach_dir
)

select
    library.root,
    library.approach_dir,
    families.retrieval_family,
    library.vectors_path,
    library.rows_path,
    library.n_context,
    other.vectors_path as mirror_vectors_path,
    other.rows_path as mirror_rows_path,
    mirrors.mirror_columns,
    mirrors.mirror_signs
from library
inner join families on library.root = families.root
inner join mirrors
    on
        families.retrieval_family = mirrors.retrieval_family
        and library.approach_dir = mirrors.approach_dir
left join library as other
    on
        library.root = other.root
        and library.approach_dir != other.approach_dir

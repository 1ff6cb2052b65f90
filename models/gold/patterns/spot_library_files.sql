{{ config(materialized='view') }}

with

library as (
    select * from {{ ref('spot_library') }}
),

mirrors as (
    select
        approach_dir,
        list(coalesce(mirror_feature_index, -1) order by feature_index) as mirror_columns,
        list(coalesce(mirror_sign, 1) order by feature_index) as mirror_signs
    from {{ ref('spot_mirror') }}
    group by approach_dir
)

select
    library.root,
    library.approach_dir,
    'spot' as retrieval_family,
    library.vectors_path,
    library.rows_path,
    library.n_context,
    other.vectors_path as mirror_vectors_path,
    other.rows_path as mirror_rows_path,
    mirrors.mirror_columns,
    mirrors.mirror_signs
from library
inner join mirrors on library.approach_dir = mirrors.approach_dir
left join library as other
    on
        library.root = other.root
        and library.approach_dir != other.approach_dir

-- noqa: disable=RF04
{{ config(materialized='table') }}

with

feature_names as (
    select * from {{ ref('feature_names') }}
),

level_definitions as (
    select * from {{ ref('level_definitions') }}
),

columns_of_vectors as (
    select
        *,
        -- a signal, an operator and a bar, each of which may hold underscores
        regexp_extract(
            name,
            '^(signed_distance|pressure)_(.+)_(trigger|confirm|lookback)$',
            ['signal', 'operator', 'bar']
        ) as parts
    from feature_names
    where relation = 'setup_vectors'
)

select
    level_definitions.level_id,
    level_definitions.level_id || '_' || columns_of_vectors.name as feature_name,
    columns_of_vectors.name as column_name,
    columns_of_vectors.parts['signal'] as signal,
    columns_of_vectors.parts['operator'] as operator,
    columns_of_vectors.parts['bar'] as bar,
    columns_of_vectors.family,
    columns_of_vectors.scale,
    columns_of_vectors.unit,
    columns_of_vectors.description
from columns_of_vectors
cross join level_definitions
order by level_definitions.level_id, columns_of_vectors.name

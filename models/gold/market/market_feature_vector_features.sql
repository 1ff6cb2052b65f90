{{ config(materialized='table') }}

{% set names = market_vector_elements().keys() | list %}

with

feature_names as (
    select * from {{ ref('feature_names') }}
),

elements as (
    select
        unnest({{ sql_list(names) }}) as feature_name,
        unnest(range({{ names | length }})) as feature_index
)

select
    cast(elements.feature_index as integer) as feature_index,
    elements.feature_name,
    feature_names.family,
    feature_names.scale,
    feature_names.unit,
    feature_names.description
from elements
left join feature_names on elements.feature_name = feature_names.name
order by feature_index

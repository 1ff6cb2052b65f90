-- noqa: disable=LT02,LT05,RF04
{{ config(materialized='table') }}

{% set parts = {
    'level': combined_context_elements('level'),
    'market': market_features().keys() | list,
    'option': combined_context_elements('option') + option_market_features().keys() | list,
} %}

with

feature_names as (
    select * from {{ ref('feature_names') }}
),

level_vectors as (
    select
        direction,
        feature_index as place,
        feature_name,
        base_feature,
        0 as part
    from {{ ref('mbo_trigger_vector_features') }}
    where set = 'vector'
),

-- the same in both directions, after the elements of the level's vector
others as (
    {% for family, names in parts.items() %}
        select
            unnest({{ sql_list(names) }}) as feature_name,
            unnest(range({{ names | length }})) as place,
            {{ loop.index }} as part
        {{ "union all" if not loop.last }}
    {% endfor %}
),

elements as (
    select * from level_vectors
    union all by name
    select
        directions.direction,
        others.place,
        others.feature_name,
        others.feature_name as base_feature,
        others.part
    from others
    cross join (values ('down'), ('up')) as directions (direction)
)

select
    elements.direction,
    cast(
        row_number() over (
            partition by elements.direction
            order by elements.part, elements.place
        ) - 1 as integer
    ) as feature_index,
    elements.feature_name,
    elements.base_feature,
    feature_names.family,
    feature_names.scale
from elements
left join feature_names on elements.base_feature = feature_names.name
order by elements.direction, feature_index

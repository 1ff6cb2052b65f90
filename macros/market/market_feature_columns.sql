{#
    Query of the feature columns of market_feature_vectors, from seed feature_names; those that
    another relation calculates (scores of physics_bands_1s) among them.
#}
{% macro market_feature_columns() -%}
    select
        name,
        'double' as data_type,
        description
    from ({{ read_seed('feature_names') }})
    where name in ({{ sql_literals(market_vector_elements().keys() | list) }})
{%- endmacro %}

{# Query of the feature columns of setup_vectors, from seed feature_names. #}
{% macro setup_feature_columns() -%}
    select
        name,
        data_type,
        description
    from ({{ read_seed('feature_names') }})
    where relation = 'setup_vectors'
{%- endmacro %}

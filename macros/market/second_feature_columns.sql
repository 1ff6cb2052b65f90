{# Query of the features of market_features_1s, from seed feature_names. #}
{% macro second_feature_columns() -%}
    select name, data_type, description
    from ({{ read_seed('feature_names') }})
    where relation = 'market_features_1s'
{%- endmacro %}

{# Query of the columns of radar_features() with their differences, from seed feature_names. #}
{% macro radar_feature_columns() -%}
    select name, data_type, description
    from ({{ read_seed('feature_names') }})
    where regexp_matches(name, '^(d[1-3]_)?[fu][0-9]+_')
{%- endmacro %}

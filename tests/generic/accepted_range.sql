{# Fails for values outside [min_value, max_value] (exclusive when not `inclusive`); NULL passes. #}
{% test accepted_range(model, column_name, min_value=none, max_value=none, inclusive=true) %}
    {%- if min_value is none and max_value is none -%}
        {{ exceptions.raise_compiler_error('accepted_range needs min_value or max_value') }}
    {%- endif -%}
    {%- set equal = '=' if inclusive else '' %}
    select {{ column_name }}
    from {{ model }}
    where
        false
        {%- if min_value is not none %}
            or not {{ column_name }} >{{ equal }} {{ min_value }}
        {%- endif %}
        {%- if max_value is not none %}
            or not {{ column_name }} <{{ equal }} {{ max_value }}
        {%- endif %}
{% endtest %}

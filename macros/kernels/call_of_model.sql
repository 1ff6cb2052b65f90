{# The call of the kernel of a partitioned model, empty if it has none. #}
{% macro call_of_model() -%}
    {%- set kernel = (config.get('meta') or {}).get('kernel') -%}
    {{ return(context[kernel]() if kernel else '') }}
{%- endmacro %}

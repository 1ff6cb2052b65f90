{#
    What retrieval compares besides a trigger vector and its context, by name, in the order that
    retrieval_vectors puts them.
#}
{% macro moment_features() -%}
    {{ return(volatility_features() + condition_features().keys() | list) }}
{%- endmacro %}

{#
    Features that retrieval compares besides a trigger vector and its context, by name, in the order
    of retrieval_vectors.
#}
{% macro moment_features() -%}
    {{ return(volatility_features() + condition_features().keys() | list) }}
{%- endmacro %}

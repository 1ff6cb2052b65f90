{#
    Elements of a trigger vector's context that setup_feature_vectors takes, of one family (level or
    option). Those of the market stand in the market's own vector, at the same second.
#}
{% macro combined_context_elements(family) -%}
    {{ return(names_of_family(context_features().keys() | list, family)) }}
{%- endmacro %}

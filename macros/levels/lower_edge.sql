{# Lower edge of the band that a value lies in; NULL below the first edge. #}
{% macro lower_edge(value, edges) -%}
    list_max(list_filter({{ edges }}, edge -> edge <= {{ value }}))
{%- endmacro %}

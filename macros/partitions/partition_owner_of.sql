{# The column of a relation that names the owner of a partition, symbol or root. #}
{% macro partition_owner_of(name) -%}
    {{ return('symbol' if 'symbol' in graph.nodes[model_id(name)].columns else 'root') }}
{%- endmacro %}

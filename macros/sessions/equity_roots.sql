{# Roots of the products of kind equity, from seed instruments and var products, in their order. #}
{% macro equity_roots() -%}
    {#- a unit test knows no seeds -#}
    {%- if not execute or 'nodes' not in graph -%}
        {{ return([]) }}
    {%- endif -%}
    {{ return(
        run_query(
            'select root from (' ~ read_seed('instruments')
            ~ ") where kind = 'equity' order by root"
        ).columns[0].values() | list
    ) }}
{%- endmacro %}

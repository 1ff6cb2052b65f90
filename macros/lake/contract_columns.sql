{#
    Columns of a model's contract with their types; `stored` has those that its files hold under
    another type, or that it reads without publishing them.
#}
{% macro contract_columns(name, stored={}) -%}
    {%- set columns = {} -%}
    {%- if execute -%}
        {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ name] -%}
        {%- for column in node.columns.values() -%}
            {%- do columns.update({column.name: column.data_type}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do columns.update(stored) -%}
    {{ return(columns) }}
{%- endmacro %}

{#
    Columns of a model whose meta has one of the roles, as the description of the model has them, in
    its order. A list of features comes from here, so that a label cannot enter it by its name.
#}
{% macro columns_of_role(name, roles) -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ name] -%}
        {%- for column in node.columns.values() if column.config.meta.role in roles -%}
            {%- do found.append(column) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}

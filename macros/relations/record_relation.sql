{#
    Remember what a relation is made of: expressions of columns of meta.relation_state. Others keep
    their values.
#}
{% macro record_relation(name, values) -%}
    {%- set columns = ['relation'] + values.keys() | list -%}
    {%- set updates = [] -%}
    {%- for column in values -%}
        {%- do updates.append(column ~ ' = excluded.' ~ column) -%}
    {%- endfor -%}
    {%- do run_statement(
        'insert into meta.relation_state (' ~ columns | join(', ') ~ ") select '" ~ name ~ "', "
        ~ values.values() | join(', ') ~ ' on conflict (relation) do update set '
        ~ updates | join(', ')
    ) -%}
{%- endmacro %}

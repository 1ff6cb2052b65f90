{#
    What a relation was last made of, as a mapping: its row of meta.relation_state, empty values
    without one. `wanted` maps names to expressions of what it would be made of now, added to it.
#}
{% macro relation_state(name, wanted={}) -%}
    {%- set columns = ['state.*'] -%}
    {%- for column, expression in wanted.items() -%}
        {%- do columns.append(expression ~ ' as ' ~ column) -%}
    {%- endfor -%}
    {%- set found = run_query(
        'select ' ~ columns | join(', ') ~ ' from (select 1) as one '
        ~ "left join meta.relation_state as state on state.relation = '" ~ name ~ "'"
    ) -%}
    {{ return(dict(zip(found.column_names, found.rows[0].values()))) }}
{%- endmacro %}

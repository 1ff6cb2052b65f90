{#
    Query of a seed's file with the column types of its configuration. The rows of the var that
    meta.rows_of_var names replace those with the same first column, or are added.
#}
{% macro read_seed(name, path=none) -%}
    {%- set seed = graph.nodes['seed.' ~ project_name ~ '.' ~ name] -%}
    {%- set types = seed.config.column_types -%}
    {%- set rows = rows_of_var(seed.config) -%}
    {%- set key = types.keys() | first -%}
    select *
    from read_csv(
        '{{ path or project_root() ~ '/' ~ seed.original_file_path }}',
        header = true,
        columns = {
            {%- for column, type in types.items() %}
            '{{ column }}': '{{ type }}'{{ ", " if not loop.last }}
            {%- endfor %}
        }
    )
    {%- if rows %}
    where {{ key }} not in {{ sql_list(rows | map(attribute=key) | list) }}
    {%- for row in rows %}
    union all
    select
        {%- for column, type in types.items() %}
        cast({{ sql_text_or_null(row.get(column)) }} as {{ type }}) as {{ column }}
        {{- "," if not loop.last }}
        {%- endfor %}
    {%- endfor %}
    {%- endif %}
{%- endmacro %}

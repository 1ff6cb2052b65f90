{# Query of a seed's file with the column types of its configuration. #}
{% macro read_seed(name) -%}
    {%- set seed = graph.nodes['seed.' ~ project_name ~ '.' ~ name] -%}
    select *
    from read_csv(
        '{{ project_root() }}/{{ seed.original_file_path }}',
        header = true,
        columns = {
            {%- for column, type in seed.config.column_types.items() %}
            '{{ column }}': '{{ type }}'{{ ", " if not loop.last }}
            {%- endfor %}
        }
    )
{%- endmacro %}

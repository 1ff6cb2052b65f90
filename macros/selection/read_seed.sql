{# Query of a seed's file with the column types of its configuration. #}
{% macro read_seed(node) -%}
    select *
    from read_csv(
        '{{ project_root() }}/{{ node.original_file_path }}',
        header = true,
        columns = {
            {%- for name, type in node.config.column_types.items() %}
            '{{ name }}': '{{ type }}'{{ ", " if not loop.last }}
            {%- endfor %}
        }
    )
{%- endmacro %}

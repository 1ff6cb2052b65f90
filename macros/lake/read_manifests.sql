{# A relation over partition manifests (plus `filename`); typed and empty when there is none. #}
{% macro read_manifests(files) -%}
    {%- set columns = manifest_columns() -%}
    {%- if files -%}
        read_json(
            {{ sql_list(files) }},
            format = 'auto',
            filename = true,
            columns = {
                {%- for name, type in columns.items() %}
                '{{ name }}': '{{ type }}'{{ ", " if not loop.last }}
                {%- endfor %}
            }
        )
    {%- else -%}
        (
            select
                {%- for name, type in columns.items() %}
                cast(null as {{ type }}) as {{ name }},
                {%- endfor %}
                cast(null as varchar) as filename
            where false
        )
    {%- endif -%}
{%- endmacro %}

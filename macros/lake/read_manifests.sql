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
        {{ empty_relation(dict(columns, filename='varchar')) }}
    {%- endif -%}
{%- endmacro %}

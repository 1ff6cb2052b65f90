{#
    The columns of a partitioned model as read from its files: Parquet returns lists for arrays of
    fixed length.
#}
{% macro stored_columns() -%}
    {%- for name, column in model.columns.items() -%}
        {%- if modules.re.search('\\[[0-9]+\\]$', column.data_type or '') -%}
            cast("{{ name }}" as {{ column.data_type }}) as "{{ name }}"
        {%- else -%}
            "{{ name }}"
        {%- endif -%}
        {{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

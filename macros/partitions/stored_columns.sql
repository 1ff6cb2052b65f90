{#
    The columns of a partitioned model as its files are read: Parquet knows no arrays of a fixed
    length and gives lists in their place.
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

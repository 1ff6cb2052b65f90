{# Parquet files of a bronze table whose partition is complete (has _SUCCESS). #}
{% macro landed_files(product_type, table, file_name='part-00000.parquet') -%}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set pattern = lake_root() ~ '/bronze/source=databento/product_type=' ~ product_type
        ~ '/symbol=*/table=' ~ table ~ '/dt=*/_SUCCESS' -%}
    {%- set query -%}
        select file[:-length('_SUCCESS') - 1] || '{{ file_name }}' as landed_file
        from glob('{{ pattern | replace("'", "''") }}')
        order by landed_file
    {%- endset -%}
    {{ return(run_query(query).columns[0].values() | list) }}
{%- endmacro %}

{#
    Files of a bronze table whose partitions are complete (have _SUCCESS), or whose records lie in
    the bronze storage (have _REMOTE); the Parquet file of the latter has no rows.
#}
{% macro landed_files(product_type, table, file_name='part-00000.parquet') -%}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set pattern = lake_root() ~ '/bronze/source=databento/product_type=' ~ product_type
        ~ '/symbol=*/table=' ~ table ~ '/dt=*/_[RS]*' -%}
    {%- set query -%}
        select distinct regexp_replace(file, '_(SUCCESS|REMOTE)$', '{{ file_name }}') as landed_file
        from glob('{{ pattern | replace("'", "''") }}')
        where regexp_matches(file, '/_(SUCCESS|REMOTE)$')
        order by landed_file
    {%- endset -%}
    {{ return(run_query(query).columns[0].values() | list) }}
{%- endmacro %}

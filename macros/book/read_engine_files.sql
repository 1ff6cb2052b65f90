{# A relation over the book engine's files of one kind, named by the manifest. #}
{% macro read_engine_files(relation) -%}
    {%- set files = [] -%}
    {%- set manifest = ref('book_engine_manifest') -%}
    {%- if execute and load_relation(manifest) is not none -%}
        {%- set query -%}
            select symbol, dt, {{ relation }}_file from {{ manifest }} order by symbol, dt
        {%- endset -%}
        {%- for row in run_query(query).rows -%}
            {%- do files.append(engine_directory(row[0], row[1]) ~ '/' ~ row[2]) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ read_partitions(files, contract_columns(relation)) }}
{%- endmacro %}

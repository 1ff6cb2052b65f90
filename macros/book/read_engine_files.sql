{#
    A relation over the book engine's files of one kind, named by the manifest. An incremental
    model reads only the partitions it has to build; a view reads all of them.
#}
{% macro read_engine_files(relation, manifest) -%}
    {%- set files = [] -%}
    {%- if execute and load_relation(manifest) is not none -%}
        {%- set query -%}
            select manifest.symbol, manifest.dt, manifest.{{ relation }}_file
            from {{ manifest }} as manifest
            {% if is_incremental() -%}
                semi join ({{ changed_partitions(manifest) }}) as changed
                    on manifest.symbol = changed.symbol and manifest.dt = changed.dt
            {%- endif %}
            order by manifest.symbol, manifest.dt
        {%- endset -%}
        {%- for row in run_query(query).rows -%}
            {%- do files.append(
                lake_root() ~ '/silver/book_engine/symbol=' ~ row[0] ~ '/dt=' ~ row[1] ~ '/' ~ row[2]
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ read_partitions(files, contract_columns(relation)) }}
{%- endmacro %}

{#
    A relation over the landed files that `inputs` (symbol, dt, landed_path, input_fingerprint)
    names. An incremental model reads only the partitions it has to build.
#}
{% macro read_landed_partitions(inputs, columns) -%}
    {%- set files = [] -%}
    {%- if execute and load_relation(inputs) is not none -%}
        {%- set query -%}
            select inputs.landed_path
            from {{ inputs }} as inputs
            {% if is_incremental() -%}
                semi join ({{ changed_partitions(inputs) }}) as changed
                    on inputs.symbol = changed.symbol and inputs.dt = changed.dt
            {%- endif %}
            order by inputs.landed_path
        {%- endset -%}
        {%- for path in run_query(query).columns[0].values() -%}
            {%- do files.append(lake_root() ~ '/' ~ path) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ read_partitions(files, columns) }}
{%- endmacro %}

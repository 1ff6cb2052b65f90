{# Record the call of the kernel of a partitioned model, if it has one, in meta.kernel_calls. #}
{% macro record_kernel_call() -%}
    {%- set call = call_of_model() -%}
    {%- if call -%}
        {%- set row = "'" ~ [
            this.schema ~ '.' ~ this.identifier,
            config.get('meta')['kernel'],
            call | trim | replace(lake_root() ~ '/', ''),
        ] | map('replace', "'", "''") | join("', '") ~ "'" -%}
        {#- a build without changes writes nothing -#}
        {%- if not run_query(
            'select 1 from meta.kernel_calls where (relation, kernel, sql) = (' ~ row ~ ')'
        ).rows -%}
            {%- do run_statement(
                'insert or replace into meta.kernel_calls values (' ~ row ~ ')'
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

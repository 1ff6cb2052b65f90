{#
    Hash of a partitioned model's code. That is the compiled code, with all macros and vars in it
    but without the names of Parquet files, which differ from build to build; for an incremental
    model, which asks while it is being compiled, the code as written and the vars that its config
    names in meta.shaping_vars.
#}
{% macro model_checksum() -%}
    {%- if not execute -%}
        {{ return('') }}
    {%- endif -%}
    {%- if config.get('materialized') != 'incremental' -%}
        {{ return(local_md5(modules.re.sub("'[^']*\\.parquet',?\\s*", '', model.compiled_code))) }}
    {%- endif -%}
    {%- set parts = [model.raw_code] -%}
    {%- for name in config.get('meta', {}).get('shaping_vars', []) -%}
        {%- do parts.append(name ~ '=' ~ tojson(var(name))) -%}
    {%- endfor -%}
    {{ return(local_md5(parts | join('|'))) }}
{%- endmacro %}

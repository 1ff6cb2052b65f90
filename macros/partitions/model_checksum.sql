{#
    Hash of a partitioned model's code: the compiled code with its macros and vars, and the columns
    with their types. Excludes the lake's root and the names of Parquet files, which differ between
    builds.
#}
{% macro model_checksum() -%}
    {%- set code = model.compiled_code | replace(lake_root(), '') -%}
    {%- set parts = [modules.re.sub("'[^']*\\.parquet',?\\s*", '', code)] -%}
    {%- for name, column in model.columns.items() -%}
        {%- do parts.append(name ~ ' ' ~ column.data_type) -%}
    {%- endfor -%}
    {{ return(local_md5(parts | join('|'))) }}
{%- endmacro %}

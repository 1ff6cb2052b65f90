{#
    Hash of a partitioned model's code: the compiled code, with all macros and vars in it but
    without where the lake lies and the names of Parquet files, which differ from build to build;
    and its columns with their types.
#}
{% macro model_checksum() -%}
    {%- set code = model.compiled_code | replace(lake_root(), '') -%}
    {%- set parts = [modules.re.sub("'[^']*\\.parquet',?\\s*", '', code)] -%}
    {%- for name, column in model.columns.items() -%}
        {%- do parts.append(name ~ ' ' ~ column.data_type) -%}
    {%- endfor -%}
    {{ return(local_md5(parts | join('|'))) }}
{%- endmacro %}

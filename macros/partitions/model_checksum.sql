{#
    Hash of a model's code: the compiled code with its macros and vars, the call of its kernel, and
    the columns with their types. Excludes the lake's root and the names of Parquet files, which
    differ between builds. To it a partitioned model adds the versions of the kernels that it calls
    (see partition_plan).
#}
{% macro model_checksum() -%}
    {%- set code = model.compiled_code | replace(lake_root(), '') -%}
    {%- set parts = [modules.re.sub("'[^']*\\.parquet',?\\s*", '', code)] -%}
    {%- for name, column in model.columns.items() -%}
        {%- do parts.append(name ~ ' ' ~ column.data_type) -%}
    {%- endfor -%}
    {%- if call_of_model() -%}
        {%- do parts.append(call_of_model() | replace(lake_root(), '')) -%}
    {%- endif -%}
    {{ return(local_md5(parts | join('|'))) }}
{%- endmacro %}

{#
    Outputs of the kernel of a partitioned model that stay as files of its partitions: `files` of
    partitioned_by.
#}
{% macro kept_outputs() -%}
    {{ return((config.get('meta') or {}).get('partition_files', [])) }}
{%- endmacro %}

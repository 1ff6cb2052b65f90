{#
    Folder of the temporary files of a model's kernel for the partition being built. Each partition
    has its own: DuckDB keeps what it has read of a file by the file's name.
#}
{% macro kernel_folder() -%}
    {%- set owner = (config.get('meta') or {}).get('partition_by', ['symbol'])[0] -%}
    {{ kernel_folders() }}/__partition_{{ owner }}__-__partition_dt__
{%- endmacro %}

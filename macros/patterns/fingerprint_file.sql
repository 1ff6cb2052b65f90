{# Temporary file of the fingerprints of the partition being built: `windows` or `icebergs`. #}
{% macro fingerprint_file(kind) -%}
    {{ lake_root() }}/.spymaster-scratch/fingerprint_{{ kind }}.parquet
{%- endmacro %}

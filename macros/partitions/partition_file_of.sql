{# SQL expression of a partition's file, of columns symbol, dt and input_fingerprint. #}
{% macro partition_file_of(relation) -%}
    format(
        '{{ partition_directory() }}/symbol={}/dt={}/{{ this.identifier }}-{}.parquet',
        {{ relation }}.symbol,
        strftime({{ relation }}.dt, '%Y-%m-%d'),
        left(md5({{ relation }}.input_fingerprint || '{{ model_checksum() }}'), 16)
    )
{%- endmacro %}

{# Path of a partition's file, of the values of its row of the upstream relation. #}
{% macro partition_file(values) -%}
    {{ return(
        partition_directory() ~ '/symbol=' ~ values['symbol'] ~ '/dt=' ~ values['dt'] ~ '/'
        ~ this.identifier ~ '-'
        ~ local_md5(values['input_fingerprint'] ~ model_checksum())[:16] ~ '.parquet'
    ) }}
{%- endmacro %}

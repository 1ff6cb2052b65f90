{# Statement that remembers what the partition was built from. #}
{% macro record_partition(values) -%}
    insert or replace into meta.partition_state values (
        '{{ this.identifier }}', '{{ values["symbol"] }}', date '{{ values["dt"] }}',
        '{{ values["input_fingerprint"] }}', '{{ model_checksum() }}', false
    )
{%- endmacro %}

{#
    The partitions of a relation that keeps partition state, as an upstream relation: symbol, dt
    and input_fingerprint, a hash of what each partition was made from and of the code.
#}
{% macro partition_versions(relation_name) -%}
    (
        select
            symbol,
            dt,
            md5(input_fingerprint || model_checksum) as input_fingerprint
        from meta.partition_state
        where relation = '{{ relation_name }}'
    )
{%- endmacro %}

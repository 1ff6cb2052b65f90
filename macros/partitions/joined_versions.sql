{#
    The partitions of a relation that keeps partition state as partition_versions() has them, each
    fingerprint with those of other relations, which need not have the partition.
#}
{% macro joined_versions(relation_name, others) -%}
    (
        select
            versions.symbol,
            versions.dt,
            md5(concat_ws(
                '|',
                versions.input_fingerprint
                {%- for other in others %},
                    {{ other }}.input_fingerprint
                {%- endfor %}
            )) as input_fingerprint
        from {{ partition_versions(relation_name) }} as versions
        {%- for other in others %}
            left join {{ partition_versions(other) }} as {{ other }}
                on
                    versions.symbol = {{ other }}.symbol
                    and versions.dt = {{ other }}.dt
        {%- endfor %}
    )
{%- endmacro %}

{#
    The partitions of a relation: its owner's column, dt and input_fingerprint, which is the
    version that what is built from a partition takes as its input. A relation that has a column
    of that name tells it itself.
#}
{% macro partition_versions(name) -%}
    {%- if not execute or 'input_fingerprint' in graph.nodes[model_id(name)].columns -%}
        {{ return(ref(name)) }}
    {%- endif -%}
    (
        select
            owner as {{ partition_owner_of(name) }},
            dt,
            partition_version(input_fingerprint, model_checksum) as input_fingerprint
        from meta.partition_state
        where relation = '{{ name }}'
    )
{%- endmacro %}

{#
    The partitions of a partitioned relation: its owner's column, dt and input_fingerprint, here
    the version that what is built from a partition takes as its input.
#}
{% macro partition_versions(name) -%}
    {%- if not execute -%}
        {%- do ref(name) -%}
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


{# The column of a relation that names the owner of a partition, symbol or root. #}
{% macro partition_owner_of(name) -%}
    {%- set node = graph.nodes.get('model.' ~ project_name ~ '.' ~ name) if execute -%}
    {{ return('root' if node and 'symbol' not in node.columns else 'symbol') }}
{%- endmacro %}

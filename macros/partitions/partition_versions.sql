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


{# The upstream relation of the model that is being built, config meta.partition_source. #}
{% macro partition_upstream() -%}
    {%- set name = config.get('meta')['partition_source'] -%}
    {%- set nodes = graph.nodes.values() | selectattr('name', 'equalto', name)
        | selectattr('resource_type', 'equalto', 'model') | list -%}
    {%- if 'input_fingerprint' in nodes[0].columns -%}
        {{ return(ref(name)) }}
    {%- endif -%}
    {{ return(partition_versions(name)) }}
{%- endmacro %}

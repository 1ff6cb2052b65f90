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

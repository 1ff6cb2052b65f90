{#
    Query of the partitions that the model being built should have: the columns of its source, and
    the versions of its inputs as a list.
#}
{% macro partition_upstream() -%}
    {%- set meta = config.get('meta') -%}
    {%- set owner = meta['partition_by'][0] -%}
    {%- set inputs = meta['partition_inputs'] + meta['partition_optional_inputs'] -%}
    select
        source.* exclude (input_fingerprint),
        [
            source.input_fingerprint
            {%- for input in inputs %},
                input_{{ loop.index }}.{{ (input ~ '.input_fingerprint').split('.')[1] }}
            {%- endfor %}
            {%- for name in meta['partition_contents'] %},
                (
                    select md5(string_agg(cast(content as varchar), '|' order by content))
                    from {{ ref(name) }} as content
                )
            {%- endfor %}
        ] as partition_versions
    from {{ versions_of(meta['partition_source']) }} as source
    {%- for input in inputs %}
        {%- set name = input.split('.')[0] %}
        {{ 'inner' if input in meta['partition_inputs'] else 'left' }} join
            {{ versions_of(name) }} as input_{{ loop.index }}
            on
                {%- if owner == partition_owner_of(name) %}
                    source.{{ owner }} = input_{{ loop.index }}.{{ owner }}
                {%- else %}
                    {{ root_of('source.' ~ owner) }} = input_{{ loop.index }}.root
                {%- endif %}
                and source.dt = input_{{ loop.index }}.dt
    {%- endfor %}
{%- endmacro %}


{# A relation of partitions with their input_fingerprint: of its own, or from their state. #}
{% macro versions_of(name) -%}
    {%- if 'input_fingerprint' in graph.nodes['model.' ~ project_name ~ '.' ~ name].columns -%}
        {{ return(ref(name)) }}
    {%- endif -%}
    {{ return(partition_versions(name)) }}
{%- endmacro %}

{#
    Query of the partitions that the model being built should have: the columns of its source, and
    the versions of its inputs as a list.
#}
{% macro partition_upstream() -%}
    {%- set meta = config.get('meta') -%}
    {%- set owner = meta['partition_by'][0] -%}
    {%- set source = meta['partition_source'] -%}
    {%- set inputs = meta['partition_inputs'] + meta['partition_optional_inputs'] -%}
    select
        source.* exclude ({{ fingerprint_of(source) }}),
        [
            source.{{ fingerprint_of(source) }}
            {%- for input in inputs %},
                input_{{ loop.index }}.{{ fingerprint_of(input) }}
            {%- endfor %}
            {%- for name in meta['partition_contents'] %},
                (
                    select md5(string_agg(cast(content as varchar), '|' order by content))
                    from {{ ref(name) }} as content
                )
            {%- endfor %}
        ] as partition_versions
    from {{ partition_versions(source) }} as source
    {%- for input in inputs %}
        {%- set name = input.split('.')[0] %}
        {{ 'inner' if input in meta['partition_inputs'] else 'left' }} join
            {{ partition_versions(input) }} as input_{{ loop.index }}
            on
                {%- if owner == partition_owner_of(name) %}
                    source.{{ owner }} = input_{{ loop.index }}.{{ owner }}
                {%- else %}
                    {{ root_of('source.' ~ owner) }} = input_{{ loop.index }}.root
                {%- endif %}
                and source.dt = input_{{ loop.index }}.dt
    {%- endfor %}
{%- endmacro %}

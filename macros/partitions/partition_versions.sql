{#
    The partitions of a relation: the owner's column, dt and input_fingerprint, the version for its
    readers. A relation may have its own column of that name; `relation.column` names another one,
    and rows in which it is NULL are no partitions.
#}
{% macro partition_versions(name) -%}
    {%- if '.' in name -%}
        {%- set relation, column = name.split('.') -%}
        {{ return('(select * from ' ~ ref(relation) ~ ' where ' ~ column ~ ' is not null)') }}
    {%- endif -%}
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

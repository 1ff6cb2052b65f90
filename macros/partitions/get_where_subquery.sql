{#
    Replace __untested_partitions__ in the `where` of a generic test by the predicate; a test that
    runs per partition gets the predicate of its partition.
#}
{% macro get_where_subquery(relation) -%}
    {%- set where = config.get('where', '') -%}
    {%- if (config.get('meta') or {}).get('partitions_of') -%}
        {%- set where = in_partition() -%}
    {%- elif not where -%}
        {{ return(relation) }}
    {%- endif -%}
    {%- set where = where | replace(
        '__untested_partitions__', untested_partitions(relation.identifier)
    ) -%}
    {{ return('(select * from ' ~ relation ~ ' where ' ~ where ~ ') as dbt_subquery') }}
{%- endmacro %}

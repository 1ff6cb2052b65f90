{#
    In the `where` of a generic test, __untested_partitions__ stands for that predicate; a test
    that looks at one partition at a time has the predicate of the partition in its place.
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

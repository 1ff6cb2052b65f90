{#
    Expression of the version of a relation: it differs when the rows do. Of a partitioned relation
    it is that of its partitions, of a whole table a hash of its rows, of a view its text, its files
    and the versions of what it reads.
#}
{% macro relation_version(unique_id) -%}
    {%- set node = graph.nodes[unique_id] -%}
    {%- set kind = node.config.materialized -%}
    {%- set of_state = "from meta.relation_state where relation = '" ~ node.alias ~ "')" -%}
    {%- if kind == 'partitioned' -%}
        {{ return(
            "(select md5(string_agg(concat_ws(' ', owner, dt, input_fingerprint, model_checksum), "
            ~ "'|' order by owner, dt)) from meta.partition_state where relation = '"
            ~ node.alias ~ "')"
        ) }}
    {%- elif kind == 'table' -%}
        {{ return('(select contents ' ~ of_state) }}
    {%- elif kind == 'view' -%}
        {%- set parts = ["(select concat_ws(' ', built_from, contents) " ~ of_state] -%}
        {%- for parent in node.depends_on.nodes if parent in graph.nodes -%}
            {%- do parts.append(relation_version(parent)) -%}
        {%- endfor -%}
        {{ return("concat_ws('|', " ~ parts | join(', ') ~ ')') }}
    {%- endif -%}
    {#- a seed or the rows of a Python model: few -#}
    {%- set relation = api.Relation.create(schema=node.schema, identifier=node.alias) -%}
    {%- if load_cached_relation(
        api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)
    ) is none and unique_id != model.unique_id -%}
        {{ return("'missing'") }}
    {%- endif -%}
    {{ return(
        "(select md5(string_agg(cast(t as varchar), '|' order by cast(t as varchar))) from "
        ~ relation ~ ' as t)'
    ) }}
{%- endmacro %}

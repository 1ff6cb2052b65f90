{#
    A partitioned relation counts as tested when every test that reads it ran and none failed. A
    test that also reads a later model outside the run belongs to that model's build. A test of a
    model that was never built cannot run.
#}
{% macro mark_partitions_tested(results) -%}
    {%- if execute -%}
        {%- set untested = run_query(
            'select distinct relation from meta.partitions_to_test'
        ).columns[0].values() -%}
        {%- set passed = results
            | selectattr('node.resource_type', 'equalto', 'test')
            | selectattr('status', 'in', ['pass', 'warn'])
            | map(attribute='node.unique_id') | list -%}
        {%- set built = run_query(
            "select table_schema || '.' || table_name from information_schema.tables "
            ~ "where table_catalog = current_database()"
        ).columns[0].values() -%}
        {%- set never_built = [] -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model'
            and node.schema ~ '.' ~ node.alias not in built -%}
            {%- do never_built.append(node.unique_id) -%}
        {%- endfor -%}
        {%- set run = results | map(attribute='node.unique_id') | list -%}
        {%- for result in results if result.node.resource_type == 'model'
            and result.status == 'success' and result.node.name in untested -%}
            {%- set there = (run + models_upstream(result.node.unique_id))
                | reject('in', never_built) | list -%}
            {%- set missing = [] -%}
            {%- for node in tests_of(result.node.unique_id) if node.unique_id not in passed
                and (node.unique_id in run or not (
                    node.depends_on.nodes | select('in', graph.nodes) | reject('in', there) | list
                )) -%}
                {%- do missing.append(node.unique_id) -%}
            {%- endfor -%}
            {%- if not missing -%}
                {%- do run_statement(
                    "delete from meta.partitions_to_test where relation = '"
                    ~ result.node.name ~ "'"
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

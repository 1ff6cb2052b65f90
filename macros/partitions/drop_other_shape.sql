{#
    Make room for a relation: drop a relation of the same name but another kind or other columns,
    with its state, and create a missing table. `state` is the relation's (see relation_state).
#}
{% macro drop_other_shape(target, state) -%}
    {%- set existing = load_cached_relation(target) -%}
    {%- set shape = namespace(
        is_other=existing is none or existing.type != target.type or should_full_refresh()
    ) -%}
    {%- set columns = columns_shape(model.columns) -%}
    {%- if target.type == 'table' and not shape.is_other and state['shape'] != columns -%}
        {#- not adapter.get_columns_in_relation, which opens a transaction and leaves it open -#}
        {%- set stored = run_query(
            'select column_name from (describe ' ~ target ~ ')'
        ).columns[0].values() | list -%}
        {%- set shape.is_other = stored != model.columns.keys() | list -%}
    {%- endif -%}
    {%- if shape.is_other and (existing is not none or target.type == 'table') -%}
        {%- if existing is not none -%}
            {%- do adapter.drop_relation(existing) -%}
        {%- endif -%}
        {%- do run_statement(
            "delete from meta.partition_state where relation = '" ~ target.identifier ~ "'"
        ) -%}
        {%- do state.update({'described': none}) -%}
    {%- endif -%}
    {%- if target.type == 'table' and (shape.is_other or state['shape'] != columns) -%}
        {%- do run_statement(
            'create table if not exists ' ~ target ~ ' as select * from '
            ~ no_rows()
        ) -%}
        {%- do record_relation(target.identifier, {'shape': "'" ~ columns ~ "'"}) -%}
    {%- endif -%}
{%- endmacro %}

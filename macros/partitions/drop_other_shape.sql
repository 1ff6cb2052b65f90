{# Drop what a former version of the project left under the name: other kind, other columns. #}
{% macro drop_other_shape(target) -%}
    {%- set existing = load_cached_relation(target) -%}
    {%- if existing is not none -%}
        {%- set shape = namespace(is_other=existing.type != target.type) -%}
        {%- if not shape.is_other and target.type == 'table' -%}
            {#- not adapter.get_columns_in_relation, which opens a transaction and leaves it open -#}
            {%- set stored = run_query(
                'select column_name from (describe ' ~ target ~ ')'
            ).columns[0].values() | list -%}
            {%- set shape.is_other = stored != model.columns.keys() | list -%}
        {%- endif -%}
        {%- if shape.is_other or should_full_refresh() -%}
            {%- do adapter.drop_relation(existing) -%}
            {%- do run_query(
                "delete from meta.partition_state where relation = '" ~ target.identifier ~ "'"
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

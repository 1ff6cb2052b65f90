{#
    The check of a contract: the query has the columns of the model's description, with their types.
    dbt's own check compares every pair of columns, which takes seconds for the widest relations.
    Config meta.more_columns names a macro whose query adds columns to the description (see
    add_more_columns).
#}
{% macro assert_columns_equivalent(sql) -%}
    {%- set selected_columns = get_column_schema_from_query(sql, config.get('sql_header', none)) -%}
    {%- do add_more_columns(selected_columns) -%}
    {%- set described = model['columns'] -%}
    {%- if not described -%}
        {%- do exceptions.raise_contract_error([], []) -%}
    {%- endif -%}
    {%- set untyped = described.values() | rejectattr('data_type')
        | map(attribute='name') | list -%}
    {%- if untyped -%}
        {%- do exceptions.column_type_missing(untyped) -%}
    {%- endif -%}
    {%- set types = [] -%}
    {%- for name, column in described.items() -%}
        {%- do types.append('cast(null as ' ~ column.data_type ~ ') as ' ~ adapter.quote(name)) -%}
    {%- endfor -%}
    {%- set described_columns = get_column_schema_from_query('select ' ~ types | join(', ')) -%}
    {%- set expected = [] -%}
    {%- for column in described_columns -%}
        {%- do expected.append(column.name ~ ' ' ~ column.dtype) -%}
    {%- endfor -%}
    {%- set selected = [] -%}
    {%- for column in selected_columns -%}
        {%- do selected.append(column.name ~ ' ' ~ column.dtype) -%}
    {%- endfor -%}
    {%- if selected | sort != expected | sort -%}
        {%- do exceptions.raise_contract_error(
            format_columns(described_columns), format_columns(selected_columns)
        ) -%}
    {%- endif -%}
{%- endmacro %}

{#
    Query of the columns of level_events from its description: column_index, column_name,
    data_type, role, available_from, family, description.
#}
{% macro level_event_column_rows() -%}
    {%- set rows = [] -%}
    {%- for column in columns_of_role('level_events', ['id', 'feature', 'label']) -%}
        {%- set texts = [
            column.name,
            column.data_type,
            column.config.meta.role,
            column.config.meta.available_from,
            column.config.meta.family,
            column.description | trim,
        ] -%}
        {%- do rows.append(
            '(' ~ loop.index ~ ", '"
            ~ texts | map('replace', "'", "''") | join("', '") ~ "')"
        ) -%}
    {%- endfor -%}
    select
        column_index,
        column_name,
        data_type,
        role,
        available_from,
        family,
        description
    from (values {{ rows | join(', ') or "(0, '', '', '', '', '', '')" }}) as described (
        column_index, column_name, data_type, role, available_from, family, description
    )
{%- endmacro %}

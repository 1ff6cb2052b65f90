{# Query of the columns of signals_production: those of level_events less the labels of horizons. #}
{% macro signals_production_columns() -%}
    select
        column_name as name,
        data_type,
        description
    from ({{ level_event_column_rows() }})
    where
        role != 'label'
        or column_name in ('{{ level_event_label_columns() | join("', '") }}')
{%- endmacro %}

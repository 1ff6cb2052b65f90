{#
    Complete the description of the model with the columns of the macro that config
    meta.more_columns names (name, data_type, description). All columns then stand in the order in
    which the model selects them, so that whatever reads the description afterwards, tables, files
    and comments, finds it whole. Without that config nothing happens.
#}
{% macro add_more_columns(selected_columns) -%}
    {%- set source = (config.get('meta') or {}).get('more_columns') -%}
    {%- if source -%}
        {%- do describe_more_columns(
            selected_columns | map(attribute='name') | list, run_query(context[source]())
        ) -%}
    {%- endif -%}
{%- endmacro %}

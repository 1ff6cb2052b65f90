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


{# The same with the names of the selected columns, and the rows of the query. #}
{% macro describe_more_columns(selected_names, more) -%}
    {%- set described = dict(model['columns']) -%}
    {%- for row in more.rows -%}
        {%- do described.update({
            row['name']: {
                'name': row['name'],
                'data_type': row['data_type'],
                'description': row['description'],
            }
        }) -%}
    {%- endfor -%}
    {%- set columns = {} -%}
    {%- for name in selected_names if name in described -%}
        {%- do columns.update({name: described[name]}) -%}
    {%- endfor -%}
    {#- what the model lacks is for the check to report -#}
    {%- for name in described if name not in columns -%}
        {%- do columns.update({name: described[name]}) -%}
    {%- endfor -%}
    {%- do model.update({'columns': columns}) -%}
{%- endmacro %}

{#
    Complete the description of the model (see add_more_columns) with the names of the selected
    columns and the rows of the query.
#}
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

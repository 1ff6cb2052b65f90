{#
    Complete the description of the model with the columns of a query (name, data_type,
    description). All of them stand in the order in which the model selects them, so that whatever
    reads the description afterwards, tables, files and comments, finds it whole.
#}
{% macro add_columns(query, selected_columns) -%}
    {%- set described = dict(model['columns']) -%}
    {%- for row in run_query(query).rows -%}
        {%- do described.update({
            row['name']: {
                'name': row['name'],
                'data_type': row['data_type'],
                'description': row['description'],
            }
        }) -%}
    {%- endfor -%}
    {%- set columns = {} -%}
    {%- for column in selected_columns if column.name in described -%}
        {%- do columns.update({column.name: described[column.name]}) -%}
    {%- endfor -%}
    {#- what the model lacks is for the check to report -#}
    {%- for name in described if name not in columns -%}
        {%- do columns.update({name: described[name]}) -%}
    {%- endfor -%}
    {%- do model.update({'columns': columns}) -%}
{%- endmacro %}

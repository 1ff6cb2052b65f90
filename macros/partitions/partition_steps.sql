{# The rows of the plan by action, and the files afterwards. #}
{% macro partition_steps() -%}
    {%- set plan = run_query(partition_plan()) -%}
    {%- set steps = {'build': [], 'keep': [], 'wait': [], 'forget': [], 'files': []} -%}
    {%- for row in plan.rows -%}
        {%- set values = dict(zip(plan.column_names, row.values())) -%}
        {%- do steps[values['partition_action']].append(values) -%}
        {%- if values['partition_file'] -%}
            {%- do steps['files'].append(values['partition_file']) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(steps) }}
{%- endmacro %}

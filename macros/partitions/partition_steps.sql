{#
    The rows of the plan by action, and `with_files`, those of partitions that there are afterwards.
#}
{% macro partition_steps() -%}
    {%- set plan = run_query(partition_plan()) -%}
    {%- set steps = {'build': [], 'keep': [], 'wait': [], 'forget': [], 'with_files': []} -%}
    {%- for row in plan.rows -%}
        {%- set values = dict(zip(plan.column_names, row.values())) -%}
        {%- do steps[values['partition_action']].append(values) -%}
        {%- if values['partition_files'] and values['partition_action'] in ['build', 'keep'] -%}
            {%- do steps['with_files'].append(values) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(steps) }}
{%- endmacro %}

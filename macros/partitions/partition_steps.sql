{#
    The rows of the plan by action, and `with_files`, what is kept or built by partition_key in the
    order of the plan: its files below the lake by their names, and whether they are there.
#}
{% macro partition_steps() -%}
    {%- set plan = run_query(partition_plan()) -%}
    {%- set steps = {'build': [], 'keep': [], 'wait': [], 'forget': [], 'with_files': {}} -%}
    {%- for row in plan.rows -%}
        {%- set values = dict(zip(plan.column_names, row.values())) -%}
        {%- do steps[values['partition_action']].append(values) -%}
        {%- if values['partition_action'] in ['build', 'keep'] -%}
            {%- set files = {} -%}
            {%- for name, file in partition_files(values).items() -%}
                {%- do files.update({name: file[lake_root() | length + 1:]}) -%}
            {%- endfor -%}
            {%- do steps['with_files'].update({
                partition_key(values): {
                    'files': files,
                    'is_there': values['partition_action'] == 'keep',
                }
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(steps) }}
{%- endmacro %}

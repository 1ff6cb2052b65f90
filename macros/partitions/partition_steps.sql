{#
    The rows of the plan by action; the files afterwards by their names; and `listed`, a hash of
    these.
#}
{% macro partition_steps() -%}
    {%- set plan = run_query(partition_plan()) -%}
    {%- set steps = {'build': [], 'keep': [], 'wait': [], 'forget': [], 'files': {}} -%}
    {%- for name in names_of_files() -%}
        {%- do steps['files'].update({name: []}) -%}
    {%- endfor -%}
    {%- for row in plan.rows -%}
        {%- set values = dict(zip(plan.column_names, row.values())) -%}
        {%- do steps[values['partition_action']].append(values) -%}
        {%- for name, file in partition_files(values).items() -%}
            {%- do steps['files'][name].append(file[lake_root() | length + 1:]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set files = steps['files'].values() | map('join', '|') | join('|') -%}
    {%- do steps.update({'listed': local_md5(files)}) -%}
    {{ return(steps) }}
{%- endmacro %}

{#
    The files below the lake of partitions that are kept or built, by their names, in the order of
    the plan.
#}
{% macro files_in_place(steps, built) -%}
    {%- set files = {} -%}
    {%- for name in names_of_files() -%}
        {%- do files.update({name: []}) -%}
    {%- endfor -%}
    {%- for values in steps['with_files'] if values['partition_action'] == 'keep'
        or values in built -%}
        {%- for name, file in partition_files(values).items() -%}
            {%- do files[name].append(file[lake_root() | length + 1:]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(files) }}
{%- endmacro %}

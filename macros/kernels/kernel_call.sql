{#
    Statement that runs a kernel for the partition being built: what the macro that a model names in
    partitioned_by returns.

    - name: of the kernel (see spymaster_engine.door).
    - streams: SQL of the landed file of each, relative to the lake; NULL where there is none.
    - settings: SQL of each of its settings by name.
#}
{% macro kernel_call(name, streams, settings) -%}
    select {{ name }}(
        {%- for path in streams %}
        '{{ lake_root() }}/' || {{ path }},
        {%- endfor %}
        struct_pack(
            {%- for setting, value in settings.items() %}
            {{ setting }} := {{ value }}{{ "," if not loop.last }}
            {%- endfor %}
        ),
        '{{ kernel_folder() }}'
    )
{%- endmacro %}

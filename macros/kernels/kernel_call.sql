{# Statement that runs the kernel of a partitioned model (see runs_kernel). #}
{% macro kernel_call() -%}
    {%- set meta = config.get('meta') -%}
    select {{ meta['kernel'] }}(
        {%- for path in meta['kernel_streams'] %}
        '{{ lake_root() }}/' || nullif({{ path }}, ''),
        {%- endfor %}
        struct_pack(
            {%- for setting, value in meta['kernel_settings'].items() %}
            {{ setting }} := {{ value }}{{ "," if not loop.last }}
            {%- endfor %}
        ),
        '{{ kernel_folder() }}'
    )
{%- endmacro %}

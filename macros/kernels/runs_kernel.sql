{#
    Second line of a partitioned model that reads the files of a kernel: it runs once per partition
    to build, before the model's query.

    - name: of the kernel (see spymaster_engine.door).
    - streams: SQL of the landed file of each, relative to the lake; NULL or '' where there is none.
    - settings: SQL of each of its settings by name.
#}
{% macro runs_kernel(name, streams, settings) -%}
    {{ config(meta={
        'kernel': name,
        'kernel_streams': streams,
        'kernel_settings': settings,
    }) }}
{%- endmacro %}

{#
    Whether workers make some partitions, rows of the plan: several, and more than versions of a
    view.
#}
{% macro are_for_workers(partitions, storage) -%}
    {%- set is_work = storage != 'view' or config.get('meta').get('row_checks') -%}
    {{ return(has_workers() and is_work and partitions | length > 1) }}
{%- endmacro %}

{# Drop the rows and the state of partitions, rows of the plan. #}
{% macro forget_partitions(partitions, storage) -%}
    {%- set keys = [] -%}
    {%- for values in partitions -%}
        {%- do keys.append(
            "('" ~ values['partition_owner'] ~ "', date '" ~ values['partition_date'] ~ "')"
        ) -%}
    {%- endfor -%}
    {%- if keys -%}
        {%- set are_gone = 'dt) in (' ~ keys | join(', ') ~ ')' -%}
        {%- if storage == 'table' -%}
            {%- set owner = config.get('meta')['partition_by'][0] -%}
            {%- do run_statement('delete from ' ~ this ~ ' where (' ~ owner ~ ', ' ~ are_gone) -%}
        {%- endif -%}
        {%- for state in ['partition_state', 'partitions_to_test', 'store_names'] -%}
            {%- do run_statement(
                'delete from meta.' ~ state ~ " where relation = '" ~ this.identifier
                ~ "' and (owner, " ~ are_gone
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

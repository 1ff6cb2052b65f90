{#
    A relation over the landed files of a bronze table; without any it has the columns of the
    model's contract, or `stored` types in their place (see contract_columns).
#}
{% macro read_landed_table(product_type, table, model_name, stored={}) -%}
    {{ read_partitions(
        landed_files(product_type, table), contract_columns(model_name, stored)
    ) }}
{%- endmacro %}

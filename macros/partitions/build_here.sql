{#
    Build partitions, rows of the plan, one after another in dbt's own process. `steps` and `state`
    are the model's; `checked` has checksums of code with the described columns. Returns what is
    wrong with the records of those that a kernel refuses.
#}
{% macro build_here(partitions, storage, steps, state, checked) -%}
    {%- set refused = [] -%}
    {%- set is_remote = partitions and has_remote_bronze() -%}
    {%- for values in partitions -%}
        {%- set records = fetch_records(values) if is_remote else none -%}
        {%- set refusal = run_kernel(values, records) -%}
        {%- if refusal -%}
            {%- do refused.append(
                values['partition_owner'] ~ ' ' ~ values['partition_date'] ~ ': ' ~ refusal
            ) -%}
        {%- else -%}
            {%- if values['partition_checksum'] not in checked -%}
                {%- do get_assert_columns_equivalent(fill_partition(sql, values)) -%}
            {%- endif -%}
            {%- do checked.append(values['partition_checksum']) -%}
            {%- do steps['with_files'][partition_key(values)].update({'is_there': true}) -%}
            {%- do build_partition(storage, values, files_in_place(steps), state, records) -%}
            {%- do add_to_store(values, storage, state) -%}
        {%- endif -%}
        {%- do remove_kernel_files() -%}
        {%- do remove_records(records) -%}
    {%- endfor -%}
    {{ return(refused) }}
{%- endmacro %}

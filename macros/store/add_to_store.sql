{# Add a partition that was built, a row of the plan, to the store; `state` is the model's. #}
{% macro add_to_store(values, storage, state) -%}
    {%- if has_store() -%}
        {%- if storage == 'table' -%}
            {%- set temporary = run_query(
                "select temporary_file('" ~ stored_rows(values) ~ "')"
            ).columns[0].values()[0] -%}
            {%- do run_statement(
                'copy (from ' ~ this ~ ' where ' ~ fill_partition(in_partition(), values)
                ~ ") to '" ~ temporary ~ "' (format parquet, compression zstd)"
            ) -%}
            {%- do run_statement(
                "select put_file_in_place('" ~ temporary ~ "', '" ~ stored_rows(values) ~ "')"
            ) -%}
        {%- endif -%}
        {%- set stored = stored_partition(values, storage, state) -%}
        {%- do run_statement(
            'select add_to_store(' ~ sql_text_or_null(tojson(stored)) ~ ')'
        ) -%}
        {%- do remove_stored_rows(storage) -%}
    {%- endif -%}
{%- endmacro %}

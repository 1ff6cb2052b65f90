{#
    Store the descriptions of a relation and of its columns as comments, those of columns in one
    line and only where they differ from those that the database holds.
#}
{% macro run_comments(relation, model, held) -%}
    {%- set comments = [] -%}
    {%- if config.persist_relation_docs() and model.description -%}
        {%- do comments.append(alter_relation_comment(relation, model.description)) -%}
    {%- endif -%}
    {%- if config.persist_column_docs() -%}
        {%- for name, column in model.columns.items() -%}
            {%- set comment = column.description.split() | join(' ') -%}
            {%- if held.get(name) != comment -%}
                {%- do comments.append(
                    'comment on column ' ~ relation ~ '.' ~ adapter.quote(name) ~ ' is '
                    ~ duckdb_escape_comment(comment) ~ ';'
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if comments -%}
        {%- do run_statement(comments | join('\n')) -%}
    {%- endif -%}
{%- endmacro %}

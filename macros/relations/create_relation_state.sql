{#
    meta.relation_state: what each relation was last made of, so that a build leaves out what has
    not changed. One row per relation.

    - built_from: a view's text, or the code and the inputs of a whole table; NULL to build again.
    - contents: hash of a whole table's rows, of the landed files that a view reads, or of the list
      of a partitioned relation's files.
    - shape: its columns and their types.
    - described: hash of the comments last written; NULL after the relation was created.
    - checked: what a view's rows were when they passed their checks.
    - selected_from, selected_columns: the columns in the order in which the model selects them, and
      the query that was asked; where config meta.more_columns completes the description.

    The lake's macros come with it: views name their files by them.
#}
{% macro create_relation_state() -%}
    {%- if execute -%}
        {%- do run_statement(
            'create table if not exists meta.relation_state ('
            ~ 'relation varchar primary key, built_from varchar, contents varchar, shape varchar, '
            ~ 'described varchar, selected_from varchar, selected_columns varchar)'
        ) -%}
        {%- do run_statement(
            'alter table meta.relation_state add column if not exists checked varchar'
        ) -%}
        {%- do run_statement(run_query('select lake_macros()').columns[0].values()[0]) -%}
    {%- endif -%}
{%- endmacro %}

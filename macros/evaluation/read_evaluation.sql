{#
    Query of the last output of `spymaster evaluate`, or of another command that keeps its tables in
    a folder of the lake, for the model, with the columns of its contract; typed and empty before
    its first run, and, with a line that says so, while the file comes from an older version that
    lacks a column. `settings` are those that answers are made with, JSON: an evaluation of other
    settings says nothing of them, and the query is empty.
#}
{% macro read_evaluation(
    settings=none, folder='evaluation', command='spymaster evaluate'
) -%}
    {%- set columns = contract_columns(model.name) -%}
    {%- set file = sql_list([lake_root() ~ '/' ~ folder ~ '/' ~ model.name ~ '.parquet'])[1:-1] -%}
    {%- set found = namespace(there=[], judged_with=none) -%}
    {%- if execute and run_query("select file from glob(" ~ file ~ ")").rows -%}
        {%- set written = run_query("describe select * from read_parquet(" ~ file ~ ")") -%}
        {%- set found.there = written.columns['column_name'].values() -%}
        {%- set kept = run_query(
            "select decode(value) from parquet_kv_metadata(" ~ file
            ~ ") where decode(key) = 'settings'"
        ) -%}
        {%- set found.judged_with = kept.rows[0][0] if kept.rows -%}
    {%- endif -%}
    {%- set lacking = columns.keys() | reject('in', found.there) | list -%}
    {%- if found.there and lacking -%}
        {%- do print(
            model.name ~ ': the last evaluation is of an older version and lacks '
            ~ lacking | join(', ') ~ '; none of it counts until `' ~ command ~ '` has run again'
        ) -%}
    {%- endif -%}
    {%- set is_usable = not lacking and settings in [none, found.judged_with] -%}
    select
        {%- for name, type in columns.items() %}
        cast({{ name if is_usable else 'null' }} as {{ type }}) as {{ name }}
        {{- "," if not loop.last }}
        {%- endfor %}
    {% if is_usable -%}
        from read_parquet({{ file }})
    {%- else -%}
        where false
    {%- endif -%}
{%- endmacro %}

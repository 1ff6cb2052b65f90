{#
    Rows of `levels.csv` of the lake as SQL values (name, of_name, price, known_from_ts, until_ts,
    note); none when there is no file. A line that is no level ends the build with its number.
#}
{% macro own_level_rows() -%}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set path = lake_root() ~ '/levels.csv' -%}
    {%- if run_query("select 1 from glob('" ~ path ~ "')").rows | length == 0 -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set zoned = "'^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?"
        ~ "(Z|[+-][0-9]{2}(:[0-9]{2})?)$'" -%}
    {%- set lines -%}
        select
            row_number() over () + 1 as line_no,
            name,
            symbol_or_root,
            try_cast(price as decimal(18, 9)) as price,
            case when regexp_matches(known_from, {{ zoned }}) then
                timezone('UTC', try_cast(known_from as timestamptz))
            end as known_from_ts,
            case when regexp_matches(until, {{ zoned }}) then
                timezone('UTC', try_cast(until as timestamptz))
            end as until_ts,
            until,
            note,
            count(*) over (partition by symbol_or_root, lower(name)) as namesakes
        from read_csv(
            '{{ path }}', header = true, all_varchar = true, delim = ',', quote = '"',
            columns = {
                'symbol_or_root': 'varchar', 'name': 'varchar', 'price': 'varchar',
                'known_from': 'varchar', 'until': 'varchar', 'note': 'varchar'
            }
        )
    {%- endset -%}
    {%- set checked -%}
        select
            *,
            case
                when not coalesce(regexp_full_match(name, '[A-Za-z][A-Za-z0-9_]{0,30}'), false)
                    then 'name'
                when not coalesce(
                    regexp_full_match(symbol_or_root, '[A-Za-z0-9][A-Za-z0-9_.]{0,40}'), false
                ) then 'symbol_or_root'
                when price is null then 'price'
                when known_from_ts is null then 'known_from'
                when until is not null and until_ts is null then 'until'
                when until_ts <= known_from_ts then 'until'
                when namesakes > 1 then 'name'
            end as wrong
        from ({{ lines }})
        order by line_no
    {%- endset -%}
    {%- set rows = run_query(checked).rows -%}
    {%- for row in rows if row['wrong'] -%}
        {{ exceptions.raise_compiler_error(
            path ~ ' line ' ~ row['line_no'] ~ ': column ' ~ row['wrong']
            ~ ' is missing, repeated or no such value; correct it, or remove the level with'
            ~ ' `spymaster level remove`'
        ) }}
    {%- endfor -%}
    {{ return(rows) }}
{%- endmacro %}

{# Query of the columns of the ten best levels: name, data_type, description. #}
{% macro book_level_columns() -%}
    {%- set parts = {
        'px': 'Price of %s level %s in 1e-9 units; NULL when the level is empty.',
        'sz': 'Resting depth at %s level %s, contracts; 0 when it is empty.',
        'ct': 'Resting orders at %s level %s; 0 when it is empty, '
            ~ 'NULL when the venue does not count.',
    } -%}
    select name, data_type, description
    from (
        values
        {%- for name in book_level_names() %}
            {%- set side, part, level = name.replace('_int', '').split('_') %}
            (
                '{{ name }}',
                'bigint',
                '{{ parts[part] | format(side, level) }}'
            ){{ "," if not loop.last }}
        {%- endfor %}
    ) as columns (name, data_type, description)
{%- endmacro %}

{# Query of the columns of market_book_1s that its yml leaves out: name, data_type, description. #}
{% macro market_second_columns() -%}
    {%- set rows = [] -%}
    {%- for level in range(10) -%}
        {%- do rows.append((
            'ofi_%02d' | format(level), 'bigint',
            'Order flow imbalance of rank %02d within the second, contracts.' | format(level)
        )) -%}
    {%- endfor -%}
    {%- for name in time_weighted_names() -%}
        {%- do rows.append((
            name ~ '_ns', 'double',
            'Sum of ' ~ name ~ ' times nanoseconds over the time in which it is defined.'
        )) -%}
    {%- endfor -%}
    {%- for band in market_bands() -%}
        {%- do rows.append((
            'depth_imbalance_' ~ band ~ '_known_ns', 'bigint',
            'Nanoseconds in which depth_imbalance_' ~ band ~ ' is defined.'
        )) -%}
        {%- for side in ['bid', 'ask'] -%}
            {%- set name = 'depth_' ~ side ~ '_' ~ band -%}
            {%- do rows.append((
                name ~ '_qty', 'bigint',
                'Depth of the ' ~ side ~ ' in the band at the end, contracts; NULL when not known.'
            )) -%}
            {%- do rows.append((
                name ~ '_qty_ns', 'bigint', 'Sum of that depth times nanoseconds.'
            )) -%}
            {%- do rows.append((
                name ~ '_unknown_ns', 'bigint',
                'Nanoseconds in which the view of ten levels does not reach past the band.'
            )) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ book_level_columns() }}
    union all
    select name, data_type, description
    from (
        values
        {%- for name, data_type, description in rows %}
            ('{{ name }}', '{{ data_type }}', '{{ description }}'){{ "," if not loop.last }}
        {%- endfor %}
    ) as columns (name, data_type, description)
{%- endmacro %}

{#
    Rows of seed level_weights for each round_N of var levels_in_use: the nearest even and the
    nearest odd multiple of N points, which are the multiples next to spot on either side. An even
    one stays the same while price goes through it, up to the odd ones beside it. Their level_id has
    a p in place of the decimal point.
#}
{% macro round_levels() -%}
    {%- set rows = [] -%}
    {%- for name in var('levels_in_use') if name.startswith('round_') -%}
        {%- for edge in ['even', 'odd'] -%}
            {%- do rows.append({
                'level_id': name.replace('.', 'p') ~ '_' ~ edge,
                'level_kind': 'round',
                'edge': edge,
                'priority': 100 + rows | length,
                'weight': 0.5,
                'points': name[6:],
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(rows) }}
{%- endmacro %}

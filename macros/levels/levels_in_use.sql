{#
    The levels of var levels_in_use, as a list of {level_id, row, points, place}: the level's row of
    seed level_weights, and of a round level its points and its place after that row. `round_10`
    makes two levels, even and odd multiples of 10 points: of two neighbors, one is even.
#}
{% macro levels_in_use() -%}
    {%- set levels = [] -%}
    {%- set rounds = [] -%}
    {%- for name in var('levels_in_use') if name.startswith('round_') -%}
        {%- do rounds.append(name) -%}
    {%- endfor -%}
    {%- for name in var('levels_in_use') -%}
        {%- if name in rounds -%}
            {%- for parity in ['even', 'odd'] -%}
                {%- do levels.append({
                    'level_id': name ~ '_' ~ parity,
                    'row': 'round',
                    'points': name[6:],
                    'place': 2 * rounds.index(name) + loop.index0,
                }) -%}
            {%- endfor -%}
        {%- else -%}
            {%- do levels.append(
                {'level_id': name, 'row': name, 'points': 'null', 'place': 0}
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(levels) }}
{%- endmacro %}

{#
    Operators of setup vectors, a mapping of name to SQL, for the names of two lists of a setup's
    bars: `points`, the known values of a signal in the order of their bars (structs of x, seconds
    into the window, y, the value, is_carried, whether the bar only carries an older state, and
    third, the third of the window from 0), and `steps`, the sizes of the differences between bars
    that follow each other, both known. Both are empty or NULL without any. A carried bar makes no
    high and no low. Shares of time have a meaning for distances only.
#}
{% macro setup_operators(points, steps, is_distance) -%}
    {%- set known = 'list_transform(' ~ points ~ ', point -> point.y)' -%}
    {%- set observed = 'list_transform(list_filter(' ~ points
        ~ ', point -> not point.is_carried), point -> point.y)' -%}
    {%- set turns = 'list_filter(' ~ known ~ ', y -> y != 0)' -%}
    {%- set operators = {
        'start': points ~ '[1].y',
        'end': points ~ '[-1].y',
        'min': 'list_min(' ~ observed ~ ')',
        'max': 'list_max(' ~ observed ~ ')',
        'mean': 'list_avg(' ~ known ~ ')',
        'std': 'list_stddev_pop(' ~ known ~ ')',
        'slope': slope_of(points),
        'energy': 'ln(1 + list_sum(' ~ steps ~ '))',
        'sign_flips': 'if(len(' ~ points ~ ') > 0, len(list_filter(' ~ turns
            ~ ', (y, i) -> i > 1 and sign(y) != sign(' ~ turns ~ '[i - 1]))), null)',
        'burst_fraction': 'list_sum(list_reverse_sort(' ~ steps ~ ')[1:ceil(len(' ~ steps ~ ') * '
            ~ var('setup_burst_share') ~ ')::bigint]) / nullif(list_sum(' ~ steps ~ '), 0)',
    } -%}
    {%- for third in ['early', 'mid', 'late'] -%}
        {%- do operators.update({
            third ~ '_mean': 'list_avg(list_transform(list_filter(' ~ points
                ~ ', point -> point.third = ' ~ loop.index0 ~ '), point -> point.y))',
        }) -%}
    {%- endfor -%}
    {%- if is_distance -%}
        {%- set shares = {
            'zone': 'abs(y) <= ' ~ var('setup_zone_ticks'),
            'far_side': 'y > 0',
        } -%}
        {%- for place, condition in shares.items() -%}
            {%- do operators.update({
                'time_fraction_' ~ place: 'len(list_filter(' ~ known ~ ', y -> ' ~ condition
                    ~ ')) / nullif(len(' ~ points ~ '), 0)',
            }) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do operators.update({'n': 'coalesce(len(' ~ points ~ '), 0)'}) -%}
    {{ return(operators) }}
{%- endmacro %}

{#
    Query of one row per anchor with the sums that radar_features() takes but for re-pricing, from
    the rows of radar_bucket_sums(). What has no row is 0; best_ticks is NULL without depth.
    `more` maps further columns of the bucket sums to the function that combines them.
#}
{% macro radar_book_sums(bucket_sums, keys, more={}) -%}
    select
        {{ keys | join(', ') }},
        {% for side, letter in [('ask', 'A'), ('bid', 'B')] %}
            {% for moment in ['start', 'end'] %}
                {% for quantity in ['depth', 'distance_qty'] %}
                    sum(case when side = '{{ letter }}' then {{ quantity }}_{{ moment }} else 0 end)
                        as {{ side }}_{{ quantity }}_{{ moment }},
                {% endfor %}
                {% for bucket in var('distance_buckets') %}
                    sum(
                        case
                            when side = '{{ letter }}' and bucket = '{{ bucket }}'
                                then depth_{{ moment }}
                            else 0
                        end
                    ) as {{ side }}_depth_{{ bucket }}_{{ moment }},
                {% endfor %}
            {% endfor %}
            min(case when side = '{{ letter }}' then best_ticks end) as {{ side }}_best_ticks,
            {% for name, quantity in [
                ('add', 'add_qty'), ('pull', 'pull_qty'), ('pull_all', 'pull_all_qty')
            ] %}
                sum(case when side = '{{ letter }}' then {{ quantity }} else 0 end)
                    as {{ side }}_{{ name }},
            {% endfor %}
            {% for bucket in var('distance_buckets') %}
                sum(
                    case
                        when side = '{{ letter }}' and bucket = '{{ bucket }}' then pull_qty else 0
                    end
                ) as {{ side }}_pull_{{ bucket }},
            {% endfor %}
            {% for name, combine in more.items() %}
                {{ combine }}(case when side = '{{ letter }}' then {{ name }} else 0 end)
                    as {{ side }}_{{ name }},
            {% endfor %}
        {% endfor %}
        true as has_book
    from {{ bucket_sums }}
    group by {{ keys | join(', ') }}
{%- endmacro %}

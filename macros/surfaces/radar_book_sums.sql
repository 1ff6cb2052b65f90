{#
    Query of one row per anchor with the sums of radar_features() except re-pricing, from
    the rows of radar_bucket_sums(). A side without rows is 0; best_ticks is NULL without depth.
#}
{% macro radar_book_sums(bucket_sums, keys) -%}
    {%- set flows = {'add': 'add_qty', 'pull': 'pull_qty', 'pull_all': 'pull_all_qty'} -%}
    {%- set in_buckets = {
        'depth_at_start': 'depth_start',
        'depth_near_start': 'depth_start',
        'depth_at_end': 'depth_end',
        'depth_near_end': 'depth_end',
        'depth_far_end': 'depth_end',
        'pull_at': 'pull_qty',
        'pull_near': 'pull_qty',
        'pull_mid': 'pull_qty',
        'pull_far': 'pull_qty',
    } -%}
    {%- set names = ['depth_start', 'depth_end', 'distance_qty_start', 'distance_qty_end']
        + flows.keys() | list + in_buckets.keys() | list -%}
    with

    side_sums as (
        select
            {{ keys | join(', ') }},
            side,
            {% for name in names[:4] %}
                sum({{ name }}) as {{ name }},
            {% endfor %}
            {% for name, quantity in flows.items() %}
                sum({{ quantity }}) as {{ name }},
            {% endfor %}
            {% for name, quantity in in_buckets.items() %}
                sum(case when bucket = '{{ name.split("_")[1] }}' then {{ quantity }} else 0 end)
                    as {{ name }},
            {% endfor %}
            min(best_ticks) as best_ticks
        from {{ bucket_sums }}
        group by {{ keys | join(', ') }}, side
    ),

    asks as (
        select * from side_sums
        where side = 'A'
    ),

    bids as (
        select * from side_sums
        where side = 'B'
    )

    select
        {% for key in keys %}
            coalesce(asks.{{ key }}, bids.{{ key }}) as {{ key }},
        {% endfor %}
        {% for side in ['ask', 'bid'] %}
            {% for name in names %}
                coalesce({{ side }}s.{{ name }}, 0) as {{ side }}_{{ name }},
            {% endfor %}
            {{ side }}s.best_ticks as {{ side }}_best_ticks,
        {% endfor %}
        true as has_book
    from asks
    full join bids
        on
            {% for key in keys %}
                asks.{{ key }} = bids.{{ key }}{{ " and" if not loop.last }}
            {% endfor %}
{%- endmacro %}

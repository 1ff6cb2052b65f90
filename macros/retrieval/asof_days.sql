{#
    Query of what each day may use, the rows of retrieval_days: from the partitions of vectors and
    of their labels, and the days that the library holds (root, symbol, dt). Days of the relation
    `begun_days` after the last one with vectors have rows too: a session asks on them.
#}
{% macro asof_days(vectors, labels, library_days, begun_days=none) -%}
    with

    vector_versions as (
        select * from {{ partition_versions(vectors) }}
    ),

    label_versions as (
        select * from {{ partition_versions(labels) }}
    ),

    library_days as (
        select distinct
            root,
            symbol,
            dt
        from {{ ref(library_days) }}
    ),

    versioned_days as (
        select
            library_days.*,
            vector_versions.input_fingerprint as vectors_fingerprint,
            label_versions.input_fingerprint as labels_fingerprint
        from library_days
        inner join vector_versions
            on
                library_days.symbol = vector_versions.symbol
                and library_days.dt = vector_versions.dt
        inner join label_versions
            on
                library_days.symbol = label_versions.symbol
                and library_days.dt = label_versions.dt
    ),

    {% if begun_days -%}
    begun_days as (
        select
            root,
            dt
        from {{ ref(begun_days) }}
    ),

    {% endif -%}
    last_days as (
        select
            {{ root_of('symbol') }} as root,
            max(dt) as dt
        from vector_versions
        group by all
    ),

    -- every day with queries, and days after the last for the next ones
    asof_days as (
        select
            {{ root_of('symbol') }} as root,
            dt
        from vector_versions
        union
        select
            root,
            cast(dt + 1 as date) as dt
        from last_days
        {% if begun_days -%}
            union
            select
                begun_days.root,
                begun_days.dt
            from begun_days
            inner join last_days on begun_days.root = last_days.root
            where begun_days.dt > last_days.dt
        {%- endif %}
    ),

    earlier_days as (
        select
            asof_days.root,
            asof_days.dt,
            count(versioned_days.dt) as library_day_count,
            md5(concat_ws(
                '|',
                '{{ var("pool_levels") }}',
                '{{ var("pool_min_episodes") }}',
                string_agg(
                    concat_ws('|', versioned_days.symbol, versioned_days.vectors_fingerprint), '|'
                    order by versioned_days.dt
                )
            )) as vectors_fingerprint,
            md5(coalesce(
                string_agg(versioned_days.labels_fingerprint, '|' order by versioned_days.dt), ''
            )) as labels_fingerprint
        from asof_days
        left join versioned_days
            on
                asof_days.root = versioned_days.root
                and asof_days.dt > versioned_days.dt
        group by asof_days.root, asof_days.dt
    )

    select
        root,
        dt,
        cast(library_day_count as integer) as library_days,
        labels_fingerprint,
        vectors_fingerprint as input_fingerprint
    from earlier_days
{%- endmacro %}

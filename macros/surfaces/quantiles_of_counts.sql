{#
    Query of exact quantiles (as quantile_cont) of counted values that accumulate: `counts` names a
    relation (metric_name, segment, cutoff_ts, metric_value, row_count) in which a row counts from
    cutoff_ts on, within its segment. One row per metric, segment and cutoff_ts: n_rows, q05, q95
    (the probabilities of var calibration_quantiles). Values are first counted in bins, so that only
    the bins with a quantile are searched; the bin width changes the speed, never the result.
    gex_abs, which spans many orders of magnitude, is binned by its fourth root; a square root keeps
    the order of values.
#}
{% macro quantiles_of_counts(counts) -%}
    {%- set series = 'metric_name, segment' -%}
    with

    binned as (
        select
            *,
            cast(floor(
                if(metric_name = 'gex_abs', sqrt(sqrt(abs(metric_value))), metric_value)
                / {{ var('calibration_bin_width') }}
            ) as integer) as bin
        from {{ counts }}
    ),

    bin_counts as (
        select
            {{ series }},
            cutoff_ts,
            bin,
            sum(row_count) as row_count
        from binned
        group by all
    ),

    cutoffs as (
        select distinct
            {{ series }},
            cutoff_ts
        from bin_counts
    ),

    bins as (
        select distinct
            {{ series }},
            bin
        from bin_counts
    ),

    bins_at_cutoffs as (
        select
            cutoffs.metric_name,
            cutoffs.segment,
            cutoffs.cutoff_ts,
            bins.bin,
            sum(coalesce(bin_counts.row_count, 0)) over (
                partition by cutoffs.metric_name, cutoffs.segment, bins.bin
                order by cutoffs.cutoff_ts
            ) as row_count
        from cutoffs
        inner join bins
            on
                cutoffs.metric_name = bins.metric_name
                and cutoffs.segment = bins.segment
        left join bin_counts
            on
                cutoffs.metric_name = bin_counts.metric_name
                and cutoffs.segment = bin_counts.segment
                and cutoffs.cutoff_ts = bin_counts.cutoff_ts
                and bins.bin = bin_counts.bin
    ),

    positions as (
        select
            *,
            sum(row_count) over (
                partition by {{ series }}, cutoff_ts
                order by bin
            ) as rows_to_end,
            sum(row_count) over (partition by {{ series }}, cutoff_ts) as n_rows
        from bins_at_cutoffs
    ),

    -- each quantile lies between two neighboring ranks
    ranks as (
        select
            positions.*,
            probabilities.name,
            probabilities.probability * (positions.n_rows - 1)
            - floor(probabilities.probability * (positions.n_rows - 1)) as fraction,
            neighbors.neighbor,
            least(
                floor(probabilities.probability * (positions.n_rows - 1)) + neighbors.neighbor,
                positions.n_rows - 1
            ) as row_rank
        from positions
        cross join (
            values
            {% for name, probability in var('calibration_quantiles').items() %}
                ('{{ name }}', cast({{ probability }} as double)){{ "," if not loop.last }}
            {% endfor %}
        ) as probabilities (name, probability)
        cross join (values (0), (1)) as neighbors (neighbor)
    ),

    bins_of_ranks as (
        select * from ranks
        where row_rank < rows_to_end and row_rank >= rows_to_end - row_count
    ),

    values_of_bins as (
        select
            bins_of_ranks.metric_name,
            bins_of_ranks.segment,
            bins_of_ranks.cutoff_ts,
            bins_of_ranks.name,
            bins_of_ranks.neighbor,
            bins_of_ranks.fraction,
            bins_of_ranks.n_rows,
            bins_of_ranks.row_rank,
            bins_of_ranks.rows_to_end - bins_of_ranks.row_count as rows_before,
            binned.metric_value,
            sum(binned.row_count) as row_count
        from bins_of_ranks
        inner join binned
            on
                bins_of_ranks.metric_name = binned.metric_name
                and bins_of_ranks.segment = binned.segment
                and bins_of_ranks.bin = binned.bin
                and bins_of_ranks.cutoff_ts >= binned.cutoff_ts
        group by all
    ),

    values_to_end as (
        select
            *,
            rows_before + sum(row_count) over (
                partition by {{ series }}, cutoff_ts, name, neighbor
                order by metric_value
            ) as rows_to_end
        from values_of_bins
    ),

    values_at_ranks as (
        select
            {{ series }},
            cutoff_ts,
            name,
            neighbor,
            fraction,
            n_rows,
            min(metric_value) as metric_value
        from values_to_end
        where rows_to_end > row_rank
        group by all
    ),

    interpolated as (
        select
            {{ series }},
            cutoff_ts,
            name,
            any_value(n_rows) as n_rows,
            min(metric_value)
            + any_value(fraction) * (max(metric_value) - min(metric_value)) as quantile
        from values_at_ranks
        group by {{ series }}, cutoff_ts, name
    )

    select
        {{ series }},
        cutoff_ts,
        any_value(n_rows) as n_rows,
        {% for name in var('calibration_quantiles') %}
            max(quantile) filter (name = '{{ name }}') as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from interpolated
    group by {{ series }}, cutoff_ts
{%- endmacro %}

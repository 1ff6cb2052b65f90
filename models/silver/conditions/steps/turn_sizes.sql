-- noqa: disable=LT02
{{ partitioned_by('turn_measures_1s') }}

{{ turn_sizes('turn_measures_1s') }}

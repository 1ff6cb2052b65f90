-- noqa: disable=LT02,LT05,PRS,RF02
{{ partitioned_by('turn_calibration_mbp') }}

{{ turn_states(
    'level_anchors_mbp_1s', 'turn_measures_mbp_1s', 'turn_calibration_mbp', in_lots=true
) }}

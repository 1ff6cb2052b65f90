-- noqa: disable=LT02,LT05,PRS,RF02
{{ partitioned_by('turn_calibration') }}

{{ turn_states('level_anchors_1s', 'turn_measures_1s', 'turn_calibration') }}

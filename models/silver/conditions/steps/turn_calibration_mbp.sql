-- noqa: disable=LT02,RF04,ST05
{{ partitioned_by('turn_calibration_sessions_mbp', storage='table') }}

{{ config(prepare='set_calibration_dates') }}

{{ turn_usual_sizes('turn_calibration_sessions_mbp', 'turn_sizes_mbp', 'turn_measures_mbp_1s') }}

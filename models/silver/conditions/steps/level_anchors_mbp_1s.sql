{{ partitioned_by('level_offset_1s') }}

{{ level_anchors('option_windows', path='mbp10_path') }}

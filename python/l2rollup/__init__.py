"""l2rollup: a ZK rollup for token payments."""

"""Benchmarks that print figures: `make bench`. Never timed tests; nothing here passes or fails."""

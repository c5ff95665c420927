"""Many worlds in a few numbers: intervals, life tables, weekly quantiles."""

"""Compiled loops: functions of arrays and numbers, nothing else."""

"""What is minimised: functions with their values, gradients, curvature bounds and exact forms."""

"""What people start: make run and make serve."""

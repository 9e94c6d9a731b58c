"""What the operator allows: kinds of numbers, ceilings against toll fraud, the number that is shown."""

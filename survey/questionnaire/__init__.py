"""The form, its logic, its answers and its checks. Pure: no input, no output, no clock."""

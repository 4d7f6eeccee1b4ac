"""What every page needs and no feature owns: templates, headers, form reading, error pages. Imports no feature."""

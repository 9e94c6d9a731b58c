"""A small electricity company whose bills can be paid in a Teahouse. See README.md."""

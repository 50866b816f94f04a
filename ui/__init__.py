"""What people see: command line, web page, HTTP interface."""

"""Tables in and out: Excel workbooks and delimited text, checked and read in a limited child process."""

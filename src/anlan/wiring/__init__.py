"""The four doors and how the house is put together; imports all, is imported by none."""

"""Tests of the detection library, apart from the product: no Django, no database."""

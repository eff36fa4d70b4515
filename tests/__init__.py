"""Tests of Anlan and early_warning."""

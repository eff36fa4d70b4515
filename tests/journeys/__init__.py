"""Journeys through the pages in a real browser, and the tools they share."""

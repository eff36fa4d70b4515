"""Anlan: the working platform of a district that governs by grid."""

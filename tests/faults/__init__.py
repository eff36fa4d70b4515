"""The fault runner: a whole house under load, harmed in every way we know, and what must hold after."""

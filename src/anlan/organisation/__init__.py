"""Areas, posts and the people who hold them.

Owns areas, shapes, neighbours, members, posts, appointments, facilities, buildings, settings.
Answers who is responsible for what, who borders on whom, who acts for an account.
Does appoint, end, link, enter premises; announces AppointmentStarted, AppointmentEnded, PremisesEntered.
"""

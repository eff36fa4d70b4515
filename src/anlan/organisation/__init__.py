"""Areas, posts and the people who hold them, the bodies they sit in.

Owns areas, shapes, neighbours, members, posts, appointments, bodies, checklists, premises, settings.
Answers who is responsible for what, who borders on whom, who acts for an account, what is complete.
Does appoint, end, link, enter premises, call up; announces AppointmentStarted, AppointmentEnded,
PremisesEntered.
"""

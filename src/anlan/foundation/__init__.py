"""What every app stands on: accounts, actor, scope, audit, inbox, outbox, files, crypto, errors, pages."""

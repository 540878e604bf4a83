"""Looking after the indexes: building them anew, keeping them up to date, comparing them with the database."""

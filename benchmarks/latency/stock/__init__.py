"""The same services behind the searches that come with Wagtail and with PostgreSQL, as a site would first have them."""

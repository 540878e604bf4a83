"""From what an engine answers to what a page shows: pure functions, no database, no request.

`pieces` (phone, reach, badges), `cards`, `sheet`, `basket`, `page` (the whole). Templates only lay these out.
"""

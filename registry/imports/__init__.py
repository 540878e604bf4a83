"""Importing a workbook from the admin: the uploaded file, what is asked, the work outside the request, the report."""

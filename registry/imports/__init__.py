"""Importing a workbook from the admin: the uploaded file, the questions, the work outside of the request, the report."""

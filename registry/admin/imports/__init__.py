"""« Importer un classeur »: upload, questions, progress, preview, history."""

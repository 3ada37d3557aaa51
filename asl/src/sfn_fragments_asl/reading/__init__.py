"""Reading definitions: files, templates, cloud assemblies."""

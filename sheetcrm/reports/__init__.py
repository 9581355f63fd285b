"""Figures of the pipeline, and mails and pages made from templates. Pure: nothing here reads the clock or writes.

`figures.pipeline_figures` counts, `Figures.to_context` says it in the reader's language, `rendering` fills the
templates. Import the modules where they are used: pandas and jinja2 are heavy.
"""

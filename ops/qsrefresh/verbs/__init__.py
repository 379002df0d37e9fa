"""The verbs of ``qsrefresh``, a module each: ``qsrefresh enable-bucket`` is ``enable_bucket.py``.

A module's ``verb`` is the command; its name is the file's. What several verbs need is outside.
"""

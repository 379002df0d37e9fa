"""An AWS account in this process: moto, plus what moto lacks, one module per gap.

A module that imitates AWS says so in its first lines, one behaviour after the other, and what it
does not imitate. The source and the test of each: docs/dev/imitated.md.
"""

"""An AWS account in this process: moto, plus what moto lacks, one module per gap.

Each module says in its first lines what it imitates and what it does not.
"""

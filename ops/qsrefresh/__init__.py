"""Set up and look after the QuickSight refresh of a project from the command line."""

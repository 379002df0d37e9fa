"""Programs that try harder than a test may take; `make help` lists them."""

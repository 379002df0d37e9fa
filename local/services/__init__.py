"""One module a service, each nearer to AWS than moto is."""

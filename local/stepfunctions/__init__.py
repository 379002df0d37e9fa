"""Step Functions: definitions, calls, maps and histories, nearer to AWS than moto is."""

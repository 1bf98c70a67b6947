"""An evaluator that is independent of the engine, and the random cases both are given."""

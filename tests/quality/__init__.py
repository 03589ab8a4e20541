"""How good the mind is: measurements on small sets of questions, and the fitting of its few numbers."""

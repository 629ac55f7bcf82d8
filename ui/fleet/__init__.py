"""Several processes behind one address: who gets a request, who is started again."""

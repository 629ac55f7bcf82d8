"""What can be seen of questions from outside: how long the steps take, and how they end."""

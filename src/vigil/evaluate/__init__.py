"""How good it is: recorded conversations through the production pipeline, judged by what the humans then did, told in a report."""

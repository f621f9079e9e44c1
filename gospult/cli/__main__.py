"""`python -m gospult.cli`: how our own processes are started."""

from .face import main

main()

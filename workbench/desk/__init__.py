"""The desk: what analysts find, decide, write and log; every decision a line in a register and a revision."""

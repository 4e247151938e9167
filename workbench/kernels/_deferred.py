"""Importing this defers the grammar: a fork server can be told what to import, and nothing else."""

from workbench.kernels._grammar import defer_grammar

defer_grammar()

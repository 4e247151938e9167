"""Notebook jobs of JupyterLab: an execution manager for jupyter-scheduler that runs our pipeline."""

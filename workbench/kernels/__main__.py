"""The fork server as its owner starts it: `python -m workbench.kernels DESCRIPTOR [MODULE ...]`."""

import sys

from workbench.kernels._server import main

if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]  # where the package lies: it is on the path by itself, as for any other program
    main(int(sys.argv[1]), tuple(sys.argv[2:]))

"""`python -m l2rollup` is the command `l2rollup`."""

from l2rollup.cli import main

if __name__ == "__main__":
    main()

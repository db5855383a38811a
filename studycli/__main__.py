"""`python -m studycli`: the same program as the `studycli` command."""

from studycli.cli.start import main

if __name__ == "__main__":
    main()

"""The commands, a file each. ``app`` puts them together and needs typer and rich; ``sandbox`` and
``exits`` need nothing but this package."""

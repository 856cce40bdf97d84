"""The command line: one module for each command.

``app`` combines the commands and requires the extra ``cli``. The modules ``sandbox``,
``serve``, ``help_text`` and ``exit_codes`` work without this extra.
"""

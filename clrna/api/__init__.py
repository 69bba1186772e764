"""What the functions of ``clrna.pp``, ``clrna.tl`` and ``clrna.pl`` have in common."""

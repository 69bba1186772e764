"""The executables: one thin file each, a parser that imports nothing heavy and a body that calls the library."""

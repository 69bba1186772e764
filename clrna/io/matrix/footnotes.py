"""Notes below a table, as portals and spreadsheets leave them: sources, legends, the date."""

from typing import TYPE_CHECKING, Final

from clrna.genes import map_genes
from clrna.io.text.clean_stream import CleanStream
from clrna.io.text.quoting import split_line
from clrna.io.text.text_stream import open_text

if TYPE_CHECKING:
    from clrna.io.matrix.text_head import Head

_MOST_LINES: Final = 200


class FootnotesError(Exception):
    """Below the table stand notes: from which line on, and how they begin."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line, self.text = line, text


def look_for_footnotes(head: "Head") -> None:
    """Raise FootnotesError where the first line of another width than the header and all below it are notes.

    A note is one field of several words, or one that begins with a mark or ends with a colon, or a sentence with
    commas. A line that was cut short is none: it begins with a gene, or goes on with values.
    """
    width, begin, text, number_of_lines = len(head.names), 0, "", 0
    with open_text(head.path) as stream:
        for _ in range(head.skip):
            stream.readline()
        for number, line in CleanStream(stream, head.path, head.delimiter, head.skip).lines():
            fields = split_line(line, head.delimiter)
            if not begin and len(fields) == width:
                continue
            number_of_lines += 1
            if number_of_lines > _MOST_LINES or not _is_note(fields):
                return
            begin, text = begin or number, text or fields[0]
    if begin:
        raise FootnotesError(begin, text)


def _is_note(fields: list[str]) -> bool:
    filled = [field for field in fields if field.strip()]
    if not filled or map_genes([filled[0].strip()]).status[0] != "lost":
        return not filled
    first = filled[0].strip()
    if len(filled) > 1:  # commas of a sentence, which spaces follow
        return all(field.startswith(" ") for field in filled[1:]) and " " in first
    return " " in first or not first[0].isalnum() or first.endswith(":")

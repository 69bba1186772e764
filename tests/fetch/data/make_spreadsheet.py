"""Write ``nci60/RNA__RNA_seq_composite_expression.xls``: the text beside it as a spreadsheet, as CellMiner publishes.

Run with any Python that has xlwt:

    python tests/fetch/data/make_spreadsheet.py
"""

from pathlib import Path

import xlwt

FOLDER = Path(__file__).parent / "nci60"


def main():
    book = xlwt.Workbook()
    sheet = book.add_sheet("Results")
    lines = (FOLDER / "RNA__RNA_seq_composite_expression.txt").read_text().splitlines()
    for row, line in enumerate(lines):
        for column, text in enumerate(line.split("\t")):
            number = row > 10 and text.replace(".", "", 1).isdigit()
            sheet.write(row, column, float(text) if number else text)
    book.save(str(FOLDER / "RNA__RNA_seq_composite_expression.xls"))


if __name__ == "__main__":
    main()

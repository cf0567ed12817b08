"""Reads a workbook on standard input as a program for tables would; prints the cells of its one sheet as JSON, and how many are formulas."""

import io
import json
import sys

import openpyxl

book = openpyxl.load_workbook(io.BytesIO(sys.stdin.buffer.read()))
[sheet] = book.worksheets
cells = [list(row) for row in sheet.iter_rows()]
formulas = sum(cell.data_type == "f" for row in cells for cell in row)
print(json.dumps({"rows": [[cell.value for cell in row] for row in cells], "formulas": formulas}, default=str))

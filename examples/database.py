"""Add documents from a database of your own; what has changed there is revised here.

python examples/database.py ARCHIVE DATABASE
"""

import sqlite3
import sys

from rag import NewsQA

archive, database = sys.argv[1:]
rows = sqlite3.connect(database)
rows.row_factory = sqlite3.Row
with NewsQA.open(archive) as qa:
    report = qa.add(dict(row) for row in rows.execute("SELECT * FROM story"))
    print(report)
rows.close()

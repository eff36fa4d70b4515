"""How large a table may be, and how much a child process may use to read it."""

MAX_FILE_BYTES = 20 * 1024 * 1024  # as sent
MAX_UNPACKED_BYTES = 256 * 1024 * 1024  # all members of the archive together
MAX_MEMBERS = 2_000
MAX_RATIO = 150  # unpacked to packed, of a member beyond RATIO_FROM_BYTES; real sheets have 5 to 40
RATIO_FROM_BYTES = 8 * 1024 * 1024

MAX_SHEETS = 200
MAX_ROWS = 200_000  # rows of data in one file
HEADING_ROWS = 20  # titles and headings that do not count as data
MAX_ROW_NUMBER = 1_048_576  # of any spreadsheet
MAX_COLUMNS = 200
MAX_AREA = 8_000_000  # cells of the rectangle around a sheet's content: what the reader keeps in memory
MAX_CELL = 32_767  # characters, Excel's own limit
MAX_CELL_LINES = 200  # of one CSV cell; more is a quote that was never closed
MAX_CELL_ELEMENTS = 16_000_000  # of one file, formatted empty ones counted
MAX_MERGES = 400_000  # merged ranges of one sheet
MAX_MERGED_ROWS = 1_000_000  # rows of all merged ranges of a sheet together
MAX_CHARACTERS = 256_000_000  # of all rows together: one string may stand in many cells
MAX_TOKEN_BYTES = 4 * 1024 * 1024  # one tag, or the text between two

CHILD_MEMORY_BYTES = 1024 * 1024 * 1024  # address space
CHILD_CPU_SECONDS = 60
MAX_LINE_BYTES = 128 * 1024 * 1024  # one line of what the child tells; the child is not trusted
WAIT_SECONDS = 600.0  # for the child in all, on a busy machine; what it may use is CHILD_CPU_SECONDS
BATCH_ROWS = 250  # rows that travel in one line
BATCH_CHARACTERS = 1_000_000

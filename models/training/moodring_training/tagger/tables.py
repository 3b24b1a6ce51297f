"""Tables on the terminal."""


def print_table(title: str, head: list[str], rows: list[list[str]]) -> None:
    """Prints rows under their title and head, columns as wide as their widest cell."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    print(f"\n{title}")
    for row in [head, ["-" * width for width in widths], *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())

"""Tables on the terminal."""


def print_table(title: str, head: list[str], rows: list[list[str]], right: bool = False) -> None:
    """Prints rows under their title and head, columns as wide as their widest cell.

    With `right` all columns but the first are flush right, as suits numbers, and no line parts head and rows.
    """
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    rule = [] if right else [["-" * width for width in widths]]
    print(f"\n{title}")
    for row in [head, *rule, *rows]:
        cells = [
            cell.rjust(width) if right and column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())

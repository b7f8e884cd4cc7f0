"""How far two heat maps of one image agree, though their grids and boxes may differ."""

from client.answers import HeatMap

CELLS = 24  # a side, of the common grid; a map has 3 to 10
Grid = list[list[float]]


def overlap(first: HeatMap, second: HeatMap) -> float:
    """The share of the evidence that both put in the same place with the same sign: 1 for equal maps, 0 for opposite ones.

    Both are spread over one grid, each scaled so that its absolute values sum to 1; the result is 1 minus half their distance.
    What counts is where the evidence lies, not how much there is of it.
    """
    left, top = (min(first.box[axis], second.box[axis]) for axis in (0, 1))
    right, bottom = (max(box[axis] + box[axis + 2] for box in (first.box, second.box)) for axis in (0, 1))
    area = (left, top, right - left, bottom - top)
    maps = [scaled(spread(heat_map, area)) for heat_map in (first, second)]
    pairs = (pair for rows in zip(*maps, strict=True) for pair in zip(*rows, strict=True))
    return 1 - sum(abs(one - other) for one, other in pairs) / 2


def spread(heat_map: HeatMap, area: tuple[int, int, int, int]) -> Grid:
    """The map at `CELLS` x `CELLS` points of an area of the image: that of the cell below; 0 outside the map."""
    x, y, width, height = heat_map.box
    left, top, area_width, area_height = area
    rows, columns = len(heat_map.grid), len(heat_map.grid[0])
    grid = []
    for row in range(CELLS):
        down = (top + (row + 0.5) * area_height / CELLS - y) / height
        line = []
        for column in range(CELLS):
            across = (left + (column + 0.5) * area_width / CELLS - x) / width
            inside = 0 <= across < 1 and 0 <= down < 1
            line.append(heat_map.grid[int(down * rows)][int(across * columns)] if inside else 0.0)
        grid.append(line)
    return grid


def scaled(grid: Grid) -> Grid:
    """The grid with absolute values that sum to 1; one without any evidence stays 0."""
    total = sum(abs(cell) for row in grid for cell in row) or 1.0
    return [[cell / total for cell in row] for row in grid]

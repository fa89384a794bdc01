// Packs a matrix that is only known at run time as the weights of gemm/tiles.local.cl: panels of `width` columns, each a row of biases, then a row for each
// position of the depth, filled up with zeros. Elements count as alpha * b, biases as beta * c, rounded.

// Item 0: a number of a panel row; item 1: rows, of one panel after the other; item 2: matrices. The first panel of a matrix lies `panels * rows * width`
// floats after that of the last.
kernel void pack_tiles(
    IN(float, b), IN(float, c), OUT(float, packed), const int b_matrix, const int b_row, const int b_column, const int c_column,
    const int width, const int rows, const int panels, const int depth, const int columns, const float alpha, const float beta)
{
    const int line = get_global_id(1), panel = line / rows, row = line - panel * rows, matrix = get_global_id(2), column = panel * width + get_global_id(0);
    if (panel >= panels)
        return;
    float number = 0.0f;
    if (column < columns && row == 0 && c_base)
        number = beta * FIRST(c)[column * c_column];
    else if (column < columns && row > 0 && row <= depth)
        number = alpha * FIRST(b)[matrix * b_matrix + (row - 1) * b_row + column * b_column];
    FIRST(packed)[((long)(matrix * panels + panel) * rows + row) * width + get_global_id(0)] = number;
}

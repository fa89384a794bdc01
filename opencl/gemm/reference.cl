// Matrix products, one output per work-item: the definition. y = activation(beta*c + a * (alpha*b) + residual) for each position of a batch, for any strides.
// acc = beta*c; for positions k of the depth ascending: acc = fma(a, alpha*b, acc), the scaled b rounded; then the residual; then the activation.

// An operand's strides: three axes of the batch, outermost first, then rows and columns; before them, the element that the launch starts with.
#define MATRICES(name) const int name##_at, const int name##_2, const int name##_1, const int name##_0, const int name##_row, const int name##_column
#define PLACE(name) (FIRST(name) + name##_at + n2 * name##_2 + n1 * name##_1 + n0 * name##_0)

kernel void product_reference(
    IN(float, a), IN(float, b), IN(float, c), IN(float, residual), OUT(float, y),
    MATRICES(a), MATRICES(b), MATRICES(c), MATRICES(residual), MATRICES(y),
    const int batch_2, const int batch_1, const int batch_0, const int rows, const int columns, const int depth,
    const float alpha, const float beta, const float activation_a, const float activation_b)
{
    const long item = get_global_id(0);
    if (item >= (long)batch_2 * batch_1 * batch_0 * rows * columns)
        return;
    const int column = item % columns, row = item / columns % rows, position = item / columns / rows;
    const int n0 = position % batch_0, n1 = position / batch_0 % batch_1, n2 = position / batch_0 / batch_1;

    __global const float* left = PLACE(a) + row * a_row;
    __global const float* right = PLACE(b) + column * b_column;
    float acc = c_base ? beta * PLACE(c)[row * c_row + column * c_column] : 0.0f;
    for (int k = 0; k < depth; k++)
        acc = fma(left[k * a_column], alpha * right[k * b_row], acc);
    if (residual_base)
        acc += PLACE(residual)[row * residual_row + column * residual_column];
    PLACE(y)[row * y_row + column * y_column] = activate(acc, activation_a, activation_b);
}

// y[i] = first + i * step; the product and the sum are rounded each. A work-item takes a run of neighbouring elements.
kernel void range(OUT(float, y), const float first, const float step, const int count, const int run)
{
    const int start = get_global_id(0) * run;
    for (int i = start; i < min(count, start + run); i++)
        FIRST(y)[i] = first + (float)i * step;
}

// The four parameters of a batch normalization as one factor and one shift for each channel, where they are known only at run time: computed in double, each
// rounded once.
#pragma OPENCL EXTENSION cl_khr_fp64 : enable

kernel void fold(
    IN(float, scale), IN(float, bias), IN(float, mean), IN(float, variance), OUT(float, factors), OUT(float, shifts), const int parameters, const float epsilon)
{
    const int i = get_global_id(0);
    if (i >= parameters)
        return;
    const double factor = (double)FIRST(scale)[i] / sqrt((double)FIRST(variance)[i] + (double)epsilon);
    FIRST(factors)[i] = (float)factor;
    FIRST(shifts)[i] = (float)((double)FIRST(bias)[i] - (double)FIRST(mean)[i] * factor);
}

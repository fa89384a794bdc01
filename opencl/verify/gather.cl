// Copies elements aside, run by run: the receptive fields and results that sampled verification computes again.
// A run is four numbers: where it starts in x, the elements from one to the next, how many there are, and where they go in y, one after the other.

kernel void gather(IN(long4, runs), const int first, IN(float, x), OUT(float, y))
{
    // One work-group per run.
    const long4 run = FIRST(runs)[first + get_group_id(0)];
    __global const float* from = FIRST(x) + run.x;
    __global float* to = FIRST(y) + run.w;
    const long step = get_local_size(0);
    if (run.y == 1)
        for (long i = get_local_id(0); i < run.z; i += step)
            to[i] = from[i];
    else
        for (long i = get_local_id(0); i < run.z; i += step)
            to[i] = from[i * run.y];
}

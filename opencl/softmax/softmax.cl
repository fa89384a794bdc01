// y = e^(x - m) / s along runs, m being a run's largest x and s the sum of e^(x - m), added up in the order of SumTree.cs (see reduce.cl). With LOGARITHM
// y = (x - m) - log s. Element (o, i, n) of a dense tensor [outer, length, inner] belongs to the run of all i. y may be x.
#ifndef LANES
#define LANES 16
#endif

typedef JOIN(float, LANES) F;
#define LOAD JOIN(load_, LANES)

#define TREE_LANES 16
#define BLOCK (64 * TREE_LANES)

#ifdef LOGARITHM
#define OF_SUM(s) logarithm(s)
#define RESULT(x, m, s) (((x) - (m)) - (s))
#else
#define OF_SUM(s) (s)
#define RESULT(x, m, s) (exponential((x) - (m)) / (s))
#endif

// Lanes are neighbouring runs; a work-item takes consecutive vectors of them.
kernel void columns(IN_PLACE(float, x), OUT(float, y), const int length, const int inner, const int segments, const int units, const int units_of_item)
{
    for (int unit = get_global_id(0) * units_of_item, last = min(units, unit + units_of_item); unit < last; unit++)
    {
        int index = unit;
        const int i0 = take(&index, segments) * LANES, first = index * length * inner + i0, lanes = inner - i0;
        F largest = (F)(-INFINITY);
        for (int i = 0; i < length; i++)
            largest = larger(LOAD(FIRST(x) + first + i * inner, 1, lanes), largest);
        F totals[TREE_LANES];
        for (int lane = 0; lane < TREE_LANES; lane++)
            totals[lane] = (F)(0.0f);
        for (int start = 0; start < length; start += BLOCK)
            for (int lane = 0, end = min(length, start + BLOCK); lane < TREE_LANES; lane++)
            {
                F block = (F)(0.0f);
                for (int i = start + lane; i < end; i += TREE_LANES)
                    block += exponential(LOAD(FIRST(x) + first + i * inner, 1, lanes) - largest);
                totals[lane] += block;
            }
        for (int apart = TREE_LANES / 2; apart > 0; apart /= 2)
            for (int lane = 0; lane < apart; lane++)
                totals[lane] += totals[lane + apart];
        const F sum = OF_SUM(totals[0]);
        for (int i = 0; i < length; i++)
            store(RESULT(LOAD(FIRST(x) + first + i * inner, 1, lanes), largest, sum), FIRST(y) + first + i * inner, 1, lanes);
    }
}

// Contiguous runs (inner is 1): lanes are the tree's. A work-item takes consecutive runs.
kernel void rows(IN_PLACE(float, x), OUT(float, y), const int length, const int units, const int units_of_item)
{
    for (int unit = get_global_id(0) * units_of_item, last = min(units, unit + units_of_item); unit < last; unit++)
    {
        __global const float* from = FIRST(x) + unit * length;
        __global float* to = FIRST(y) + unit * length;
        const int whole = length / TREE_LANES * TREE_LANES, rest = length - whole;
        const int16 present = (int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) < rest;
        float16 some = (float16)(-INFINITY);
        for (int i = 0; i < whole; i += TREE_LANES)
            some = larger(vload16(0, from + i), some);
        if (rest > 0)
            some = larger(present ? load_16(from + whole, 1, rest) : (float16)(-INFINITY), some);
        const float8 eight = larger(some.lo, some.hi);
        const float4 four = larger(eight.lo, eight.hi);
        const float m = larger(larger(four.x, four.z), larger(four.y, four.w));
        const float16 largest = (float16)(m);
        float16 total = (float16)(0.0f);
        for (int start = 0; start < length; start += BLOCK)
        {
            float16 block = (float16)(0.0f);
            for (int i = start, end = min(whole, start + BLOCK); i < end; i += TREE_LANES)
                block += exponential(vload16(0, from + i) - largest);
            if (rest > 0 && start + BLOCK > whole)
                block += present ? exponential(load_16(from + whole, 1, rest) - largest) : (float16)(0.0f);
            total += block;
        }
        const float8 eighths = total.lo + total.hi;
        const float4 quarters = eighths.lo + eighths.hi;
        const float16 sum = (float16)(OF_SUM((quarters.x + quarters.z) + (quarters.y + quarters.w)));
        for (int i = 0; i < whole; i += TREE_LANES)
            store(RESULT(vload16(0, from + i), largest, sum), to + i, 1, TREE_LANES);
        if (rest > 0)
            store(RESULT(load_16(from + whole, 1, rest), largest, sum), to + whole, 1, rest);
    }
}

// A work-group takes 16 runs, each shared by the tree's 16 lanes.
kernel __attribute__((reqd_work_group_size(TREE_LANES * TREE_LANES, 1, 1)))
void shared(IN_PLACE(float, x), OUT(float, y), const int length, const int inner, const int units)
{
    __local float partial[TREE_LANES][TREE_LANES + 1];
    const int lane = get_local_id(0) % TREE_LANES, run = get_local_id(0) / TREE_LANES, unit = get_group_id(0) * TREE_LANES + run;
    int index = min(unit, units - 1);
    const int i0 = take(&index, inner), first = index * length * inner + i0;
    __global const float* from = FIRST(x) + first;

    float largest = -INFINITY;
    for (int i = lane; i < length; i += TREE_LANES)
        largest = larger(from[i * inner], largest);
    partial[run][lane] = largest;
    for (int apart = TREE_LANES / 2; apart > 0; apart /= 2)
    {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (lane < apart)
            partial[run][lane] = larger(partial[run][lane], partial[run][lane + apart]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    largest = partial[run][0];
    barrier(CLK_LOCAL_MEM_FENCE);

    float total = 0.0f;
    for (int start = 0; start < length; start += BLOCK)
    {
        float block = 0.0f;
        for (int i = start + lane, end = min(length, start + BLOCK); i < end; i += TREE_LANES)
            block += exponential(from[i * inner] - largest);
        total += block;
    }
    partial[run][lane] = total;
    for (int apart = TREE_LANES / 2; apart > 0; apart /= 2)
    {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (lane < apart)
            partial[run][lane] += partial[run][lane + apart];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    const float sum = OF_SUM(partial[run][0]);
    for (int i = lane; i < length && unit < units; i += TREE_LANES)
        FIRST(y)[first + i * inner] = RESULT(from[i * inner], largest, sum);
}

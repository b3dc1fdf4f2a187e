using ILGPU;

namespace AhnSharp.Gpu.Portable;

/// <summary>
/// Sums and maxima over the threads of a group, by halving in shared memory; every thread of the group calls, and each gets the result.
/// </summary>
internal static class GroupSum
{
    /// <summary>Most threads of a group.</summary>
    public const int MaxThreads = 256;

    /// <param name="shared">At least one float a thread.</param>
    /// <param name="value">This thread's.</param>
    public static float Of(ArrayView<float> shared, float value)
    {
        int thread = Group.IdxX;
        shared[thread] = value;
        Group.Barrier();
        for (int step = Group.DimX / 2; step > 0; step >>= 1)
        {
            if (thread < step) shared[thread] += shared[thread + step];
            Group.Barrier();
        }
        float sum = shared[0];
        Group.Barrier();
        return sum;
    }

    /// <inheritdoc cref="Of"/>
    public static float Largest(ArrayView<float> shared, float value)
    {
        int thread = Group.IdxX;
        shared[thread] = value;
        Group.Barrier();
        for (int step = Group.DimX / 2; step > 0; step >>= 1)
        {
            if (thread < step && shared[thread + step] > shared[thread]) shared[thread] = shared[thread + step];
            Group.Barrier();
        }
        float largest = shared[0];
        Group.Barrier();
        return largest;
    }
}

using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>Sums and maxima over a warp of 32, and over a group of whole warps.</summary>
internal static class WarpSums
{
    public static float Sum(float x)
    {
        x += Warp.ShuffleXor(x, 16);
        x += Warp.ShuffleXor(x, 8);
        x += Warp.ShuffleXor(x, 4);
        x += Warp.ShuffleXor(x, 2);
        return x + Warp.ShuffleXor(x, 1);
    }

    // Shuffles stay in the order they are written in: four in a row wait for one, four sums after another wait for all.
    public static Float4 Sum(Float4 x) => Add(Add(Add(Add(Add(x, 16), 8), 4), 2), 1);

    /// <summary>Over eight lanes beside each other, from lanes 0, 8, 16 and 24.</summary>
    public static Float4 SumOfEight(Float4 x) => Add(Add(Add(x, 4), 2), 1);

    public static float Max(float x)
    {
        x = IntrinsicMath.Max(x, Warp.ShuffleXor(x, 16));
        x = IntrinsicMath.Max(x, Warp.ShuffleXor(x, 8));
        x = IntrinsicMath.Max(x, Warp.ShuffleXor(x, 4));
        x = IntrinsicMath.Max(x, Warp.ShuffleXor(x, 2));
        return IntrinsicMath.Max(x, Warp.ShuffleXor(x, 1));
    }

    /// <summary>The sum over the group, in every thread.</summary>
    /// <param name="x">This thread's part.</param>
    /// <param name="shared">Shared memory, 32 floats; free again after the next barrier.</param>
    public static float SumOfGroup(float x, ArrayView<float> shared)
    {
        x = Sum(x);
        int lane = Group.IdxX % 32;
        if (lane == 0)
        {
            shared[Group.IdxX / 32] = x;
        }
        Group.Barrier();
        return Sum(lane < Group.DimX / 32 ? shared[lane] : 0);
    }

    /// <summary>The maximum over the group, in every thread.</summary>
    /// <param name="x">This thread's part.</param>
    /// <param name="shared">Shared memory, 32 floats; free again after the next barrier.</param>
    public static float MaxOfGroup(float x, ArrayView<float> shared)
    {
        x = Max(x);
        int lane = Group.IdxX % 32;
        if (lane == 0)
        {
            shared[Group.IdxX / 32] = x;
        }
        Group.Barrier();
        return Max(lane < Group.DimX / 32 ? shared[lane] : float.NegativeInfinity);
    }

    private static Float4 Add(Float4 x, int lanes)
    {
        float a = Warp.ShuffleXor(x.X, lanes), b = Warp.ShuffleXor(x.Y, lanes), c = Warp.ShuffleXor(x.Z, lanes),
            d = Warp.ShuffleXor(x.W, lanes);
        x.X += a;
        x.Y += b;
        x.Z += c;
        x.W += d;
        return x;
    }
}

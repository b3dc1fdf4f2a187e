using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>Sums of 16 rows × 8 tokens a field, as <see cref="Ptx.Mma"/> lays them over a warp.</summary>
internal struct BatchTile
{
    public Float4 C0, C1, C2, C3, C4, C5, C6, C7;
}

/// <summary>What groups of threads leave for whoever ends a tile that several of them had a part of.</summary>
internal struct BatchSums
{
    /// <summary>[groups][2][tiles][<see cref="BatchProduct.Threads"/>].</summary>
    public ArrayView<Float4> Parts;

    /// <summary>[tiles of rows]: steps that are in. All zero before and after a product.</summary>
    public ArrayView<int> Arrived;
}

/// <summary>Writing and adding up the parts of tiles that several groups of threads have.</summary>
internal static class BatchParts
{
    /// <summary>Leaves a group's sums of a tile.</summary>
    public static void Put<TTiles>(ArrayView<Float4> parts, int slot, BatchTile c)
        where TTiles : struct, IBatchTiles
    {
        int at = slot * default(TTiles).Value * BatchProduct.Threads + Group.IdxX;
        parts[at] = c.C0;
        if (default(TTiles).Value > 1) parts[at + BatchProduct.Threads] = c.C1;
        if (default(TTiles).Value > 2)
        {
            parts[at + 2 * BatchProduct.Threads] = c.C2;
            parts[at + 3 * BatchProduct.Threads] = c.C3;
        }
        if (default(TTiles).Value > 4)
        {
            parts[at + 4 * BatchProduct.Threads] = c.C4;
            parts[at + 5 * BatchProduct.Threads] = c.C5;
            parts[at + 6 * BatchProduct.Threads] = c.C6;
            parts[at + 7 * BatchProduct.Threads] = c.C7;
        }
    }

    /// <summary>Sums and two parts, which are asked for together.</summary>
    public static BatchTile AddTwo<TTiles>(ArrayView<Float4> parts, int firstSlot, int secondSlot, BatchTile c)
        where TTiles : struct, IBatchTiles
    {
        BatchTile first = Add<TTiles>(parts, firstSlot, default), second = Add<TTiles>(parts, secondSlot, default);
        c.C0 = Sum(Sum(c.C0, first.C0), second.C0);
        c.C1 = Sum(Sum(c.C1, first.C1), second.C1);
        c.C2 = Sum(Sum(c.C2, first.C2), second.C2);
        c.C3 = Sum(Sum(c.C3, first.C3), second.C3);
        c.C4 = Sum(Sum(c.C4, first.C4), second.C4);
        c.C5 = Sum(Sum(c.C5, first.C5), second.C5);
        c.C6 = Sum(Sum(c.C6, first.C6), second.C6);
        c.C7 = Sum(Sum(c.C7, first.C7), second.C7);
        return c;
    }

    /// <summary>Sums and a part.</summary>
    public static BatchTile Add<TTiles>(ArrayView<Float4> parts, int slot, BatchTile c)
        where TTiles : struct, IBatchTiles
    {
        int at = slot * default(TTiles).Value * BatchProduct.Threads + Group.IdxX;
        c.C0 = Sum(c.C0, parts[at]);
        if (default(TTiles).Value > 1) c.C1 = Sum(c.C1, parts[at + BatchProduct.Threads]);
        if (default(TTiles).Value > 2)
        {
            c.C2 = Sum(c.C2, parts[at + 2 * BatchProduct.Threads]);
            c.C3 = Sum(c.C3, parts[at + 3 * BatchProduct.Threads]);
        }
        if (default(TTiles).Value > 4)
        {
            c.C4 = Sum(c.C4, parts[at + 4 * BatchProduct.Threads]);
            c.C5 = Sum(c.C5, parts[at + 5 * BatchProduct.Threads]);
            c.C6 = Sum(c.C6, parts[at + 6 * BatchProduct.Threads]);
            c.C7 = Sum(c.C7, parts[at + 7 * BatchProduct.Threads]);
        }
        return c;
    }

    private static Float4 Sum(Float4 a, Float4 b)
    {
        a.X += b.X;
        a.Y += b.Y;
        a.Z += b.Z;
        a.W += b.W;
        return a;
    }
}

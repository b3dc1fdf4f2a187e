using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>
/// A query row's heads of one key/value head, split into high and low halves: 16 rows for the matrix units, of which row g + 8
/// is what row g lost by rounding.
/// </summary>
internal struct SplitQuery
{
    /// <summary>Dimensions 32j + 8t … + 7 of query g, j = 0..3, rounded.</summary>
    public Word4 High0, High1, High2, High3;

    /// <summary>What rounding took.</summary>
    public Word4 Low0, Low1, Low2, Low3;

    /// <summary>A lane's part of a head, t = lane%4, times <paramref name="scale"/>; zeros where the head is not present.</summary>
    public static SplitQuery Load<THead>(ArrayView<float> query, int head, bool present, int t, float scale)
        where THead : struct, IHeadSize
    {
        var q = default(SplitQuery);
        if (!present) return q;
        ArrayView<Float4> from = query.Cast<Float4>();
        int at = (head * default(THead).Value + 8 * t) / 4;
        Halves(from, at, scale, out q.High0, out q.Low0);
        Halves(from, at + 8, scale, out q.High1, out q.Low1);
        if (default(THead).Value == 128)
        {
            Halves(from, at + 16, scale, out q.High2, out q.Low2);
            Halves(from, at + 24, scale, out q.High3, out q.Low3);
        }
        return q;
    }

    private static void Halves(ArrayView<Float4> from, int at, float scale, out Word4 high, out Word4 low)
    {
        Float4 a = from[at], b = from[at + 1];
        high = default;
        low = default;
        high.X = Ptx.PackHalves(a.X * scale, a.Y * scale);
        high.Y = Ptx.PackHalves(a.Z * scale, a.W * scale);
        high.Z = Ptx.PackHalves(b.X * scale, b.Y * scale);
        high.W = Ptx.PackHalves(b.Z * scale, b.W * scale);
        low.X = Ptx.PackHalves(a.X * scale - Ptx.LowHalf(high.X), a.Y * scale - Ptx.HighHalf(high.X));
        low.Y = Ptx.PackHalves(a.Z * scale - Ptx.LowHalf(high.Y), a.W * scale - Ptx.HighHalf(high.Y));
        low.Z = Ptx.PackHalves(b.X * scale - Ptx.LowHalf(high.Z), b.Y * scale - Ptx.HighHalf(high.Z));
        low.W = Ptx.PackHalves(b.Z * scale - Ptx.LowHalf(high.W), b.W * scale - Ptx.HighHalf(high.W));
    }
}

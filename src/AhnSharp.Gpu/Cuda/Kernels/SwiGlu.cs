using ILGPU;
using ILGPU.Algorithms;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>A unit of two rows of W_gate and of two of W_up.</summary>
internal struct FourRows
{
    public StoredWeights Gate0, Up0, Gate1, Up1;
}

/// <summary>The first half of a feed-forward: h = SiLU(W_gate n) ⊙ (W_up n), as floats and quantized for W_down.</summary>
internal static class SwiGlu
{
    /// <summary>Outputs a group of threads computes: one group of 32 activations.</summary>
    public const int OutputsPerGroup = 32;

    /// <summary>Threads per group for several tokens: 8 warps, four outputs each.</summary>
    public const int Threads = 256;

    /// <summary>
    /// Threads per group for one token: 4 warps, eight outputs each, two at a time. All groups of a 7B model are on the card at once.
    /// </summary>
    public const int OneThreads = 128;

    /// <summary>SiLU(gate) · up.</summary>
    public static float Of(float gate, float up) => gate / (1 + XMath.Exp(-gate)) * up;

    /// <summary>One token. The matrix holds eight rows of W_gate, eight of W_up, and so on.</summary>
    public static void One<TRow>(Activations n, PackedWeights w, int ffn, Activations h)
        where TRow : struct, IRowSum
    {
        Ptx.TriggerDependents();
        ArrayView<float> shared = SharedMemory.Allocate<float>(32);
        int warp = Group.IdxX / 32, lane = Group.IdxX % 32, output = Grid.IdxX * 32 + 8 * warp;
        // ffn is a multiple of 8: a warp has eight outputs or none.
        if (output < ffn) Eight<TRow>(n, w, output * 2, shared.SubView(8 * warp, 8), lane);
        else if (lane < 8) shared[8 * warp + lane] = 0;
        Group.Barrier();
        if (warp == 0)
        {
            Finish(h, 0, shared[lane], ffn, lane);
        }
    }

    /// <summary>Four tokens per group of threads; Grid.Y counts fours of tokens.</summary>
    public static void Four<TRow>(Activations n, PackedWeights w, int ffn, Activations h, int tokens)
        where TRow : struct, IFloatRowSum
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(128);
        int warp = Group.IdxX / 32, lane = Group.IdxX % 32, first = Grid.IdxY * 4;
        for (int i = warp; i < 32; i += Threads / 32)
        {
            int f = Grid.IdxX * 32 + i;
            var value = default(Float4);
            if (f < ffn)
            {
                int row = f / 8 * 16 + f % 8;
                Float4 gate = WarpSums.Sum(default(TRow).Four(w, n, row, lane, first, tokens));
                Float4 up = WarpSums.Sum(default(TRow).Four(w, n, row + 8, lane, first, tokens));
                value.X = Of(gate.X, up.X);
                value.Y = Of(gate.Y, up.Y);
                value.Z = Of(gate.Z, up.Z);
                value.W = Of(gate.W, up.W);
            }
            if (lane == 0)
            {
                shared[i] = value.X;
                shared[32 + i] = value.Y;
                shared[64 + i] = value.Z;
                shared[96 + i] = value.W;
            }
        }
        Group.Barrier();
        if (warp < 4 && first + warp < tokens)
        {
            Finish(h, first + warp, shared[warp * 32 + lane], ffn, lane);
        }
    }

    /// <summary>Of products that lie side by side: gate [rows, ffn] and up [rows, ffn] to h; a warp per group of 32.</summary>
    public static void Rows(ArrayView<float> gate, ArrayView<float> up, int ffn, int rows, Activations h)
    {
        int groups = (ffn + 31) / 32, lane = Group.IdxX % 32;
        int index = Grid.IdxX * (Group.DimX / 32) + Group.IdxX / 32;
        int row = index / groups, i = index % groups * 32 + lane;
        if (row < rows)
        {
            long at = (long)row * ffn + i;
            float value = i < ffn ? Of(gate[at], up[at]) : 0;
            if (i < ffn) h.Values[at] = value;
            Quantizing.Store(h, row, index % groups, groups, value, lane);
        }
    }

    /// <summary>
    /// Outputs of W_gate's rows row … row + 7, two at a time with their rows of W_up. Of narrow rows, what the next two turns need is
    /// on its way while one multiplies; of all, what the first takes while the kernel before still runs.
    /// </summary>
    private static void Eight<TRow>(Activations n, PackedWeights w, int row, ArrayView<float> outputs, int lane)
        where TRow : struct, IRowSum
    {
        int units = default(TRow).Units(w.Columns), last = units - 1, to = 0, end = row + 8;
        bool ahead = default(TRow).IsNarrow;
        var here = default(FourRows);
        var next = default(FourRows);
        int aheadRow = row, aheadUnit = lane, begin = row;
        here = Fetch<TRow>(w, row, IntrinsicMath.Min(lane, last), units);
        if (ahead)
        {
            Step(ref aheadRow, ref aheadUnit, end, units, lane);
            next = Fetch<TRow>(w, aheadRow, IntrinsicMath.Min(aheadUnit, last), units);
            Step(ref aheadRow, ref aheadUnit, end, units, lane);
        }
        Ptx.WaitForDependencies();
        for (; row < end; row += 2)
        {
            var sums = default(Float4);
            for (int first = 0; first < units; first += 32)
            {
                int unit = IntrinsicMath.Min(first + lane, last);
                var behind = default(FourRows);
                if (ahead)
                {
                    behind = Fetch<TRow>(w, aheadRow, IntrinsicMath.Min(aheadUnit, last), units);
                    Step(ref aheadRow, ref aheadUnit, end, units, lane);
                }
                else if (row != begin || first != 0)
                {
                    here = Fetch<TRow>(w, row, unit, units);
                }
                ActivationGroup x = default(TRow).Take(n, unit, units);
                float a = default(TRow).Dot(here.Gate0, x), b = default(TRow).Dot(here.Up0, x), c = default(TRow).Dot(here.Gate1, x),
                    d = default(TRow).Dot(here.Up1, x);
                bool counts = first + lane < units;
                sums.X += counts ? a : 0;
                sums.Y += counts ? b : 0;
                sums.Z += counts ? c : 0;
                sums.W += counts ? d : 0;
                if (ahead)
                {
                    here = next;
                    next = behind;
                }
            }
            sums = WarpSums.Sum(sums);
            if (lane == 0)
            {
                outputs[to] = Of(sums.X, sums.Y);
                outputs[to + 1] = Of(sums.Z, sums.W);
            }
            to += 2;
        }
    }

    // Behind the last turn the last pair of rows begins once more, for nobody.
    private static void Step(ref int row, ref int unit, int end, int units, int lane)
    {
        unit += 32;
        if (unit - lane < units) return;
        unit = lane;
        row = IntrinsicMath.Min(row + 2, end - 2);
    }

    private static FourRows Fetch<TRow>(PackedWeights w, int row, int unit, int units)
        where TRow : struct, IRowSum
    {
        var rows = default(FourRows);
        rows.Gate0 = default(TRow).Fetch(w, row, unit, units);
        rows.Up0 = default(TRow).Fetch(w, row + 8, unit, units);
        rows.Gate1 = default(TRow).Fetch(w, row + 1, unit, units);
        rows.Up1 = default(TRow).Fetch(w, row + 9, unit, units);
        return rows;
    }

    private static void Finish(Activations h, int token, float value, int ffn, int lane)
    {
        int i = Grid.IdxX * 32 + lane;
        if (i < ffn) h.Values[(long)token * ffn + i] = value;
        Quantizing.Store(h, token, Grid.IdxX, (ffn + 31) / 32, value, lane);
    }
}

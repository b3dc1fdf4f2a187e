using ILGPU;
using ILGPU.Algorithms;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>The first half of a feed-forward: h = SiLU(W_gate n) ⊙ (W_up n), as floats and quantised for W_down.</summary>
internal static class SwiGlu
{
    /// <summary>Outputs a group of threads computes: one group of 32 activations.</summary>
    public const int OutputsPerGroup = 32;

    /// <summary>Threads a group: 8 warps, four outputs each.</summary>
    public const int Threads = 256;

    /// <summary>SiLU(gate) · up.</summary>
    public static float Of(float gate, float up) => gate / (1 + XMath.Exp(-gate)) * up;

    /// <summary>One token. The matrix holds eight rows of W_gate, eight of W_up, and so on.</summary>
    public static void One<TRow>(Activations n, PackedWeights w, int ffn, Activations h)
        where TRow : struct, IRowSum
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(32);
        int warp = Group.IdxX / 32, lane = Group.IdxX % 32;
        for (int i = warp; i < 32; i += Threads / 32)
        {
            int f = Grid.IdxX * 32 + i;
            if (f < ffn)
            {
                int row = f / 8 * 16 + f % 8;
                Float2 pair = default(TRow).Pair(w, n, row, lane);
                float gate = WarpSums.Sum(pair.X), up = WarpSums.Sum(pair.Y);
                if (lane == 0) shared[i] = Of(gate, up);
            }
            else if (lane == 0)
            {
                shared[i] = 0;
            }
        }
        Group.Barrier();
        if (warp == 0)
        {
            Finish(h, 0, shared[lane], ffn, lane);
        }
    }

    /// <summary>Four tokens a group of threads; Grid.Y counts fours of tokens.</summary>
    public static void Four<TRow>(Activations n, PackedWeights w, int ffn, Activations h, int tokens)
        where TRow : struct, IRowSum
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

    /// <summary>Of products that lie side by side: gate [rows, ffn] and up [rows, ffn] to h; a warp a group of 32.</summary>
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
            Quantising.Store(h, row, index % groups, groups, value, lane);
        }
    }

    private static void Finish(Activations h, int token, float value, int ffn, int lane)
    {
        int i = Grid.IdxX * 32 + lane;
        if (i < ffn) h.Values[(long)token * ffn + i] = value;
        Quantising.Store(h, token, Grid.IdxX, (ffn + 31) / 32, value, lane);
    }
}

using ILGPU;
using ILGPU.Algorithms;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>Tokens enter a ring of halves: q is rotated in place, k rotated and stored, v stored, gates finished.</summary>
internal static class EnterRing
{
    /// <summary>Threads of a group.</summary>
    public const int Threads = 128;

    /// <summary>Grid.X counts rows of the part; the threads of Grid.Y take pairs of q, then pairs of k, pairs of v, gates.</summary>
    /// <param name="table">The pass's table.</param>
    /// <param name="query">[rows, H·D].</param>
    /// <param name="key">[rows, K·D].</param>
    /// <param name="value">[rows, K·D].</param>
    /// <param name="gates">[rows, g + H].</param>
    /// <param name="own">The text, or <see cref="TextRow.InTable"/>.</param>
    /// <param name="texts">All texts, where there is a table of them; Grid.Z counts them.</param>
    /// <param name="constants">[3][H]: exp(A_log), dt_bias, gate bias.</param>
    /// <param name="s">What all texts have in common.</param>
    public static void Run(
        ArrayView<int> table, ArrayView<float> query, ArrayView<float> key, ArrayView<float> value, ArrayView<float> gates,
        TextRow own, ArrayView<TextRow> texts, ArrayView<float> constants, Portable.PartShape s)
    {
        Ptx.TriggerDependents();
        TextRow text = own;
        if (own.Row < 0) text = texts[Grid.IdxZ];
        Ptx.WaitForDependencies();
        int row = text.Row + Grid.IdxX, slot = text.Ring.Slot(text.Position + Grid.IdxX), d = s.HeadDim, half = d / 2;
        int i = Grid.IdxY * Threads + Group.IdxX, queries = s.Heads * half, keys = s.KvHeads * half;
        if (i < queries + keys)
        {
            bool isQuery = i < queries;
            int index = isQuery ? i : i - queries, pair = index % half;
            long cos = 2L * s.PassRows + (long)row * half + pair;
            float c = Interop.IntAsFloat((uint)table[cos]), w = Interop.IntAsFloat((uint)table[cos + (long)s.PassRows * half]);
            int entry = index / half * d + pair;
            if (isQuery)
            {
                long at = (long)row * s.Heads * d + entry;
                float a = query[at], b = query[at + half];
                query[at] = a * c - b * w;
                query[at + half] = b * c + a * w;
            }
            else
            {
                long at = (long)row * s.KvHeads * d + entry, to = text.Keys + 2 * ((long)slot * s.KvHeads * d + entry);
                float a = key[at], b = key[at + half];
                Ptx.StoreHalf(to, Ptx.PackHalves(a * c - b * w, 0));
                Ptx.StoreHalf(to + 2 * half, Ptx.PackHalves(b * c + a * w, 0));
            }
            return;
        }
        i -= queries + keys;
        if (i < keys)
        {
            Float2 pair = value.Cast<Float2>()[(long)row * keys + i];
            Ptx.StoreWord(text.Values + 4 * ((long)slot * keys + i), Ptx.PackHalves(pair.X, pair.Y));
            return;
        }
        i -= keys;
        if (s.Gates > 0 && i < s.GateWidth)
        {
            long at = (long)row * s.GateWidth + i, to = text.Gates + 4 * ((long)slot * s.Gates + i);
            float x = gates[at];
            if (i >= s.Gates)
            {
                x += constants[2 * s.Heads + i - s.Gates];
                gates[at] = x * Sigmoid(x);
            }
            else if (s.Kind == 2) Ptx.StoreFloat(to, Softplus(x + constants[s.Heads + i]));
            else if (i < s.Heads) Ptx.StoreFloat(to, Sigmoid(x));
            else Ptx.StoreFloat(to, -constants[i - s.Heads] * Softplus(x + constants[i]));
        }
    }

    private static float Sigmoid(float x) => 1 / (1 + XMath.Exp(-x));

    // ln(1 + e^x). The sum 1 + e is rounded; what ln makes of the rounded sum is put right by the ratio of e to what was really added.
    private static float Softplus(float x)
    {
        if (x > 20) return x;
        float e = XMath.Exp(x), sum = 1 + e;
        return sum == 1 ? e : XMath.Log(sum) * (e / (sum - 1));
    }
}

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using AhnSharp.Kernels;
using AhnSharp.Kernels.Portable;

namespace AhnSharp.Checks;

/// <summary>
/// The archive's kernels on each tier: the index has the bits of its definition, exact scores are near those in double; all of it
/// within guard pages.
/// </summary>
internal static class ArchiveKernelChecks
{
    private static readonly int[] s_headDims = [32, 64, 96, 128, 256], s_tokens = [16, 32, 64, 256];

    public static IEnumerable<Check> Of(Isa isa)
    {
        string? lacking = KernelTable.IsSupported(isa) ? null : $"this processor lacks {KernelTable.NameOf(isa)}";
        if (lacking is null && !GuardedBuffer.IsSupported) lacking = "no guard pages on this system";
        string name = $"archive {KernelTable.NameOf(isa)}";
        yield return new Check(
            $"{name}: the index, 1 to 9 queries, random and largest codes, the definition's bits", lacking, () => Index(isa));
        yield return new Check($"{name}: exact scores, 1 to 9 heads", lacking, () => Block(isa));
    }

    private static void Index(Isa isa)
    {
        IndexKernel kernel = KernelTable.IndexOf(isa), definition = new PortableIndex();
        var random = new Random(17);
        foreach (int headDim in s_headDims)
        {
            foreach (int tokens in s_tokens)
            {
                for (int count = 1; count <= 9; count++)
                {
                    foreach (bool largest in (bool[])[false, true])
                        Compare(kernel, definition, headDim / IndexKernel.GroupLength, tokens, count, largest, random);
                }
            }
        }
    }

    private static void Compare(
        IndexKernel kernel, IndexKernel definition, int groups, int tokens, int count, bool largest, Random random)
    {
        byte[] keys = new byte[IndexKernel.KeyBytes(tokens, groups)], queries = new byte[count * groups * IndexKernel.QueryGroupBytes];
        for (int j = 0; j < tokens; j++)
        {
            for (int i = 0; i < groups * IndexKernel.GroupLength; i++)
            {
                int code = largest ? j % 2 == 0 ? 15 : 1 : random.Next(1, 16), at = IndexKernel.ByteOf(groups, j, i, out bool isHigh);
                keys[at] |= (byte)(isHigh ? code << 4 : code);
            }
            for (int g = 0; g < groups; g++)
                MemoryMarshal.Write(keys.AsSpan(IndexKernel.ScaleOf(groups, j, g)), 0.01f + random.NextSingle());
        }
        for (int g = 0; g < count * groups; g++)
        {
            Span<byte> query = queries.AsSpan(g * IndexKernel.QueryGroupBytes, IndexKernel.QueryGroupBytes);
            int sum = 0;
            for (int i = 0; i < IndexKernel.GroupLength; i++)
            {
                int code = largest ? g % 2 == 0 ? 127 : -127 : random.Next(-127, 128);
                query[i] = (byte)code;
                sum += code;
            }
            MemoryMarshal.Write(query[IndexKernel.QueryOffsetOffset..], (int)(ushort)(short)(-IndexKernel.CodeOffset * sum));
            MemoryMarshal.Write(query[IndexKernel.QueryScaleOffset..], 0.01f + random.NextSingle());
        }
        using GuardedBuffer guardedKeys = GuardedBuffer.Of<byte>(keys), guardedQueries = GuardedBuffer.Of<byte>(queries);
        float[] found = new float[count], wanted = new float[count];
        kernel.Score(guardedKeys.Bytes, groups, guardedQueries.Bytes, found);
        definition.Score(keys, groups, queries, wanted);
        for (int q = 0; q < count; q++)
        {
            if (BitConverter.SingleToInt32Bits(found[q]) != BitConverter.SingleToInt32Bits(wanted[q]))
            {
                throw new CheckFailedException(
                    $"{groups} groups, {tokens} tokens, query {q} of {count}: expected {wanted[q]:r}, found {found[q]:r}");
            }
        }
    }

    private static void Block(Isa isa)
    {
        BlockKernel kernel = KernelTable.BlockOf(isa);
        var random = new Random(18);
        foreach (int headDim in (int[])[8, .. s_headDims])
        {
            foreach (int tokens in s_tokens)
            {
                for (int heads = 1; heads <= 9; heads++) Compare(kernel, headDim, tokens, heads, random);
            }
        }
    }

    private static void Compare(BlockKernel kernel, int headDim, int tokens, int heads, Random random)
    {
        int half = headDim / 2;
        sbyte[] codes = new sbyte[headDim * tokens];
        float[] scales = new float[tokens], cos = new float[half * tokens], sin = new float[half * tokens],
            queries = new float[heads * headDim];
        for (int i = 0; i < codes.Length; i++) codes[i] = (sbyte)random.Next(-127, 128);
        for (int j = 0; j < tokens; j++) scales[j] = 0.01f + random.NextSingle();
        for (int i = 0; i < cos.Length; i++) (sin[i], cos[i]) = MathF.SinCos(7 * random.NextSingle());
        for (int i = 0; i < queries.Length; i++) queries[i] = random.NextSingle() - 0.5f;
        using GuardedBuffer guardedCodes = GuardedBuffer.Of<sbyte>(codes), guardedScales = GuardedBuffer.Of<float>(scales),
            guardedCos = GuardedBuffer.Of<float>(cos), guardedSin = GuardedBuffer.Of<float>(sin),
            guardedQueries = GuardedBuffer.Of<float>(queries), guardedScores = new(sizeof(float) * heads * tokens);
        Span<float> found = MemoryMarshal.Cast<byte, float>(guardedScores.Bytes);
        kernel.Score(
            MemoryMarshal.Cast<byte, sbyte>(guardedCodes.Bytes), MemoryMarshal.Cast<byte, float>(guardedScales.Bytes),
            MemoryMarshal.Cast<byte, float>(guardedCos.Bytes), MemoryMarshal.Cast<byte, float>(guardedSin.Bytes),
            MemoryMarshal.Cast<byte, float>(guardedQueries.Bytes), headDim, found);
        for (int at = 0; at < found.Length; at++)
        {
            int g = at / tokens, j = at % tokens;
            double sum = 0, magnitude = 0;
            for (int i = 0; i < half; i++)
            {
                double x = codes[i * tokens + j], y = codes[(i + half) * tokens + j], c = cos[i * tokens + j], s = sin[i * tokens + j],
                    u = queries[g * headDim + i], v = queries[g * headDim + i + half];
                sum += u * (x * c - y * s) + v * (y * c + x * s);
                magnitude += Math.Abs(u * x * c) + Math.Abs(u * y * s) + Math.Abs(v * y * c) + Math.Abs(v * x * s);
            }
            double allowed = 2 * DotReference.Tolerance * magnitude * scales[j];
            if (!(Math.Abs(found[at] - sum * scales[j]) <= allowed))
            {
                throw new CheckFailedException(
                    $"D {headDim}, {tokens} tokens, head {g} of {heads}, token {j}: expected {sum * scales[j]} ± {allowed:g3}, "
                    + $"found {found[at]}");
            }
        }
    }
}

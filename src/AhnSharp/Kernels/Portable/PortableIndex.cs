using System;
using System.Runtime.InteropServices;

namespace AhnSharp.Kernels.Portable;

/// <summary>The definition of <see cref="IndexKernel"/>, token by token.</summary>
internal sealed class PortableIndex : IndexKernel
{
    /// <inheritdoc/>
    public override void Score(ReadOnlySpan<byte> keys, int groups, ReadOnlySpan<byte> queries, Span<float> best)
    {
        int tokens = keys.Length / (groups * GroupBytes) * Tokens, queryBytes = groups * QueryGroupBytes;
        for (int q = 0; q < best.Length; q++)
        {
            ReadOnlySpan<byte> query = queries.Slice(q * queryBytes, queryBytes);
            best[q] = float.NegativeInfinity;
            for (int j = 0; j < tokens; j++) best[q] = MathF.Max(best[q], ScoreOf(keys, groups, query, j));
        }
    }

    private static float ScoreOf(ReadOnlySpan<byte> keys, int groups, ReadOnlySpan<byte> query, int token)
    {
        float score = 0;
        for (int g = 0; g < groups; g++)
        {
            ReadOnlySpan<byte> group = query.Slice(g * QueryGroupBytes, QueryGroupBytes);
            int sum = 0;
            for (int i = 0; i < GroupLength; i++)
            {
                int pair = keys[ByteOf(groups, token, g * GroupLength + i, out bool isHigh)];
                sum += ((isHigh ? pair >> 4 : pair & 15) - CodeOffset) * (sbyte)group[i];
            }
            float scale = MemoryMarshal.Read<float>(keys[ScaleOf(groups, token, g)..]);
            score += sum * (scale * MemoryMarshal.Read<float>(group[QueryScaleOffset..]));
        }
        return score;
    }
}

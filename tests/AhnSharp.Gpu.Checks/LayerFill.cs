using System;
using AhnSharp.Checks;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Hippocampus;
using AhnSharp.Network;

namespace AhnSharp.Gpu.Checks;

/// <summary>A decoder layer of seeded random weights, and what a pass brings to it.</summary>
internal static class LayerFill
{
    /// <summary>The pass's table for rows of consecutive positions, ids and asked rows 0.</summary>
    internal static int[] Table(int rows, int position, int headDim)
    {
        int half = headDim / 2;
        int[] table = new int[rows * (2 + headDim)];
        for (int r = 0; r < rows; r++)
        {
            for (int i = 0; i < half; i++)
            {
                (double sin, double cos) = Math.SinCos((position + r) * Math.Pow(1e6, -(double)i / half));
                table[2 * rows + r * half + i] = BitConverter.SingleToInt32Bits((float)cos);
                table[2 * rows + (rows + r) * half + i] = BitConverter.SingleToInt32Bits((float)sin);
            }
        }
        return table;
    }

    /// <summary>
    /// All its matrices of one type, W_v and W_down of another; with norms of heads instead of biases (Qwen3), or without.
    /// </summary>
    internal static LayerSource Of(GpuShape shape, GgmlType type, GgmlType other, bool headNorms = false)
    {
        int seed = 100;
        bool gated = shape.Memory?.Kind == HippocampusKind.GatedDeltaNet, mamba = shape.Memory?.Kind == HippocampusKind.Mamba2;
        return new LayerSource
        {
            AttentionNorm = Ones(shape.Hidden),
            Query = Matrix(type, shape.QueryWidth, shape.Hidden),
            QueryBias = headNorms ? null : Floats(shape.QueryWidth),
            Key = Matrix(type, shape.KeyWidth, shape.Hidden),
            KeyBias = headNorms ? null : Floats(shape.KeyWidth),
            Value = Matrix(other, shape.KeyWidth, shape.Hidden),
            ValueBias = headNorms ? null : Floats(shape.KeyWidth),
            QueryNorm = headNorms ? Ones(shape.HeadDim) : null,
            KeyNorm = headNorms ? Ones(shape.HeadDim) : null,
            Output = Matrix(type, shape.Hidden, shape.QueryWidth),
            FfnNorm = Ones(shape.Hidden),
            Gate = Matrix(type, shape.Ffn, shape.Hidden),
            Up = Matrix(type, shape.Ffn, shape.Hidden),
            Down = Matrix(other, shape.Hidden, shape.Ffn),
            Memory = new HippocampusWeights
            {
                Beta = Floats(shape.Heads * shape.Hidden, 0.05f),
                Alpha = gated ? Floats(shape.Heads * shape.Hidden, 0.05f) : null,
                ALog = gated || mamba ? Floats(shape.Heads) : null,
                DtBias = gated || mamba ? Floats(shape.Heads) : null,
                Gate = Floats(shape.Heads * shape.Hidden, 0.05f),
                GateBias = mamba ? Floats(shape.Heads) : null,
                Norm = Ones(mamba ? shape.QueryWidth : shape.HeadDim),
                Out = Floats(shape.Heads * shape.HeadDim * shape.HeadDim, 0.1f),
            },
        };

        MatrixSource Matrix(GgmlType format, int rows, int columns)
        {
            byte[] stored = WeightFill.Random(format, rows, columns, seed++);
            return new MatrixSource(format, rows, columns, (at, to) => stored.AsSpan((int)at, to.Length).CopyTo(to));
        }

        float[] Floats(int count, float scale = 1) => Measure.Random(seed++, count, scale);

        float[] Ones(int count)
        {
            float[] values = Measure.Random(seed++, count, 0.2f);
            for (int i = 0; i < count; i++) values[i] += 1;
            return values;
        }
    }
}

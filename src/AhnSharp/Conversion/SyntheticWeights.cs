using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using AhnSharp.Gguf;
using AhnSharp.Network;
using AhnSharp.Quants;

namespace AhnSharp.Conversion;

/// <summary>
/// Random weights of one model: sized so that activations stay of order one through any number of layers, drawn on all cores.
/// </summary>
/// <param name="config">The model's shape.</param>
/// <param name="seed">The same seed gives the same file, on any machine and any number of cores.</param>
internal sealed class SyntheticWeights(ModelConfig config, ulong seed)
{
    private const int PieceBytes = 4 << 20;

    /// <summary>Writes one tensor's bytes in a GGUF type (F32, F16 and BF16 are the same bytes in safetensors).</summary>
    public void Write(Stream stream, TensorSpec row, GgmlType type, CancellationToken cancel)
    {
        if (row.IsVector)
        {
            WriteVector(stream, row, type);
            return;
        }
        float scale = Scale(row);
        string name = row.CheckpointName;
        int piece = (int)Math.Min(row.ElementCount, (long)PieceBytes / type.BlockBytes() * type.BlockLength());
        new PieceWriter(Environment.ProcessorCount, cancel).Write(stream, type, row.ElementCount, piece, (_, offset, _, blocks) =>
            Quantization.FillRandom(type, new SeededRandom(seed, name, offset / piece), blocks, scale));
    }

    /// <summary>A norm of a layer, for the fingerprint.</summary>
    public float[] Vector(TensorSpec row)
    {
        float[] values = new float[row.ElementCount];
        SeededRandom random = new(seed, row.CheckpointName, 0);
        Quantization.FillRandom(GgmlType.F32, random, MemoryMarshal.AsBytes(values.AsSpan()), 1);
        string name = row.CheckpointName;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = name switch
            {
                _ when name.EndsWith("norm.weight", StringComparison.Ordinal) => 1 + 0.05f * values[i],
                // Decay rates of 1 to 16 and steps of 0.001 to 0.1, the ranges in which such memories are initialised.
                _ when name.EndsWith("A_log", StringComparison.Ordinal) => MathF.Log(1 + 15 * random.NextSingle()),
                _ when name.EndsWith("dt_bias", StringComparison.Ordinal) =>
                    InverseSoftplus(MathF.Exp(MathF.Log(0.001f) + random.NextSingle() * MathF.Log(100))),
                _ when name.EndsWith(".D", StringComparison.Ordinal) => 1,
                _ => 0.02f * values[i],
            };
        }
        return values;
    }

    private void WriteVector(Stream stream, TensorSpec row, GgmlType type)
    {
        float[] values = Vector(row);
        byte[] bytes = new byte[type.RowBytes(values.Length)];
        Quantization.Quantize(type, values, bytes);
        stream.Write(bytes);
    }

    // Rows of unit length keep unit inputs at unit outputs; what is added to the residual stream is smaller by the number of additions.
    private float Scale(TensorSpec row)
    {
        float perRow = 1 / MathF.Sqrt(row.RowLength);
        bool addsToResidual = row.Name.EndsWith("attn_output.weight", StringComparison.Ordinal)
            || row.Name.EndsWith("ffn_down.weight", StringComparison.Ordinal);
        return addsToResidual ? perRow / MathF.Sqrt(2 * config.LayerCount) : perRow;
    }

    private static float InverseSoftplus(float x) => x + MathF.Log(-MathF.Exp(-x) + 1);
}

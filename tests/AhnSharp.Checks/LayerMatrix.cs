using System;
using System.IO;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Threading.Tasks;

namespace AhnSharp.Checks;

/// <summary>
/// A random matrix of any size that is never in memory: every value is a small integer times a power of two, exact in f16.
/// </summary>
/// <param name="Name">Its tensor's name; seeds the values.</param>
/// <param name="Rows">Rows (out).</param>
/// <param name="Columns">Columns (in).</param>
public sealed record LayerMatrix(string Name, int Rows, int Columns)
{
    private uint Seed { get; } = Hash(Name);

    // Integers in −127..127 have a standard deviation of 73: this makes that of a product of unit inputs about 1.
    private double Scale { get; } = Math.ScaleB(1, -(int)Math.Round(Math.Log2(73 * Math.Sqrt(Columns))));

    /// <summary>One row.</summary>
    public void Row(int row, Span<float> values)
    {
        uint state = (Seed + (uint)row * 0x9E3779B9u) | 1;
        float scale = (float)Scale;
        for (int i = 0; i < values.Length; i++)
        {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            values[i] = ((int)(state % 255) - 127) * scale;
        }
    }

    /// <summary>y[t] = W x[t] in double.</summary>
    public double[][] Multiply(double[][] x)
    {
        double[][] y = new double[x.Length][];
        for (int t = 0; t < x.Length; t++) y[t] = new double[Rows];
        Parallel.For(0, Rows, () => new float[Columns], (row, _, values) =>
        {
            Row(row, values);
            for (int t = 0; t < x.Length; t++)
            {
                double sum = 0;
                double[] input = x[t];
                for (int i = 0; i < values.Length; i++) sum += values[i] * input[i];
                y[t][row] = sum;
            }
            return values;
        }, _ => { });
        return y;
    }

    /// <summary>Writes all rows as f16.</summary>
    public void Write(Stream stream)
    {
        float[] values = new float[Columns];
        Half[] halves = new Half[Columns];
        for (int row = 0; row < Rows; row++)
        {
            Row(row, values);
            TensorPrimitives.ConvertToHalf(values, halves);
            stream.Write(MemoryMarshal.AsBytes<Half>(halves));
        }
    }

    private static uint Hash(string name)
    {
        uint hash = 2166136261;
        foreach (char c in name) hash = (hash ^ c) * 16777619;
        return hash;
    }
}

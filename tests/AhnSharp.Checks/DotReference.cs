using System;
using AhnSharp.Gguf;
using AhnSharp.Quants;

namespace AhnSharp.Checks;

/// <summary>
/// The oracle of every kernel: weights by the format's definition, activations as the packed form holds them, products in double.
/// </summary>
public sealed class DotReference
{
    /// <summary>How far a sum may be off, as a part of Σ|w·x|: rounding of f32 sums, whatever the format.</summary>
    public const double Tolerance = 1e-6;

    private readonly double[] _sums;
    private readonly double[] _magnitudes;
    private readonly int _rows;

    /// <param name="type">The format of <paramref name="stored"/>.</param>
    /// <param name="stored">[rows, columns] as stored in a file.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="x">[tokens, columns] that the kernel multiplies with.</param>
    public DotReference(GgmlType type, ReadOnlySpan<byte> stored, int rows, int columns, ReadOnlySpan<float> x)
    {
        int tokens = x.Length / columns;
        _rows = rows;
        _sums = new double[tokens * rows];
        _magnitudes = new double[tokens * rows];
        int rowBytes = (int)type.RowBytes(columns);
        float[] w = new float[columns];
        for (int r = 0; r < rows; r++)
        {
            Quantization.Dequantize(type, stored.Slice(r * rowBytes, rowBytes), w);
            for (int t = 0; t < tokens; t++)
            {
                ReadOnlySpan<float> token = x.Slice(t * columns, columns);
                double sum = 0, magnitude = 0;
                for (int k = 0; k < w.Length; k++)
                {
                    double product = (double)w[k] * token[k];
                    sum += product;
                    magnitude += Math.Abs(product);
                }
                _sums[(t * rows) + r] = sum;
                _magnitudes[(t * rows) + r] = magnitude;
            }
        }
    }

    /// <summary>Fails unless y[t, r] is right; <paramref name="before"/> is what the product was added to.</summary>
    public void Demand(int t, int r, float found, float before, string what)
    {
        double expected = before + _sums[(t * _rows) + r];
        double allowed = Tolerance * (_magnitudes[(t * _rows) + r] + Math.Abs(before));
        if (!(Math.Abs(found - expected) <= allowed))
        {
            throw new CheckFailedException($"{what}, token {t}, row {r}: expected {expected} ± {allowed:g3}, found {found}");
        }
    }
}

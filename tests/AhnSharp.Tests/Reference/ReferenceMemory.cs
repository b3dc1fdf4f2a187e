using System;
using System.Linq;
using AhnSharp.Network;

namespace AhnSharp.Tests.Reference;

/// <summary>
/// One head's memory in double precision, a token at a time, straight from the table of docs/memory.md: M [D keys, D values].
/// </summary>
internal sealed class ReferenceMemory(HippocampusKind kind, int headDim)
{
    public double[] State { get; } = new double[headDim * headDim];

    /// <param name="k">Rotated, not normalised.</param>
    /// <param name="v">The value.</param>
    /// <param name="strength">β or Δ.</param>
    /// <param name="logDecay">g; 0 for DeltaNet.</param>
    public void Write(ReadOnlySpan<double> k, ReadOnlySpan<double> v, double strength, double logDecay)
    {
        double[] unit = Unit(k);
        double decay = Math.Exp(logDecay);
        for (int i = 0; i < State.Length; i++) State[i] *= decay;
        double[] predicted = kind == HippocampusKind.Mamba2 ? new double[headDim] : Product(unit);
        for (int i = 0; i < headDim; i++)
        {
            for (int j = 0; j < headDim; j++) State[i * headDim + j] += unit[i] * strength * (v[j] - predicted[j]);
        }
    }

    /// <summary>o = Mᵀq̂, over √D for the delta rules.</summary>
    public double[] Read(ReadOnlySpan<double> q)
    {
        double scale = kind == HippocampusKind.Mamba2 ? 1 : 1 / Math.Sqrt(headDim);
        return [.. Product(Unit(q)).Select(x => x * scale)];
    }

    private double[] Product(double[] x)
    {
        double[] y = new double[headDim];
        for (int i = 0; i < headDim; i++)
        {
            for (int j = 0; j < headDim; j++) y[j] += State[i * headDim + j] * x[i];
        }
        return y;
    }

    private double[] Unit(ReadOnlySpan<double> x)
    {
        double squares = 0;
        foreach (double element in x) squares += element * element;
        double scale = kind == HippocampusKind.Mamba2 ? 1 / Math.Max(Math.Sqrt(squares), 1e-12) : 1 / Math.Sqrt(squares + 1e-6);
        double[] unit = new double[headDim];
        for (int i = 0; i < headDim; i++) unit[i] = x[i] * scale;
        return unit;
    }
}

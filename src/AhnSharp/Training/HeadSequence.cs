using System;
using System.Numerics;

namespace AhnSharp.Training;

/// <summary>What one head's memory is given and gives over a text, and what the loss gains by each of it; a thread's own.</summary>
/// <remarks>
/// Rows are D numbers in whole registers, zeros behind them: <see cref="Width"/> floats. Token i is folded, then query i reads.
/// </remarks>
internal sealed class HeadSequence
{
    /// <summary>Tokens between two states that are kept.</summary>
    public const int Stretch = 64;

    private float[] _rows = [];
    private float[] _numbers = [];
    private int _count;

    public HeadSequence(int headDim)
    {
        HeadDim = headDim;
        Width = (headDim + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count;
        State = new float[headDim * Width];
        StateGradient = new float[headDim * Width];
        Within = new float[Stretch * headDim * Width];
        Written = new float[Stretch * Width];
    }

    /// <summary>D.</summary>
    public int HeadDim { get; }

    /// <summary>Floats of a row.</summary>
    public int Width { get; }

    /// <summary>Floats of a state: D rows.</summary>
    public int StateLength => HeadDim * Width;

    /// <summary>M [D, Width].</summary>
    public float[] State { get; }

    /// <summary>dM [D, Width].</summary>
    public float[] StateGradient { get; }

    /// <summary>[Stretch, D, Width]: the state before each token of a stretch.</summary>
    public float[] Within { get; }

    /// <summary>[Stretch, Width]: u of each token of a stretch.</summary>
    public float[] Written { get; }

    /// <summary>Tokens.</summary>
    public int Count => _count;

    public Span<float> Keys => Row(0); // k̂
    public Span<float> Values => Row(1);
    public Span<float> Queries => Row(2); // q̂, scaled
    public Span<float> Read => Row(3); // o
    public Span<float> KeyGradient => Row(4);
    public Span<float> ValueGradient => Row(5);
    public Span<float> QueryGradient => Row(6);
    public Span<float> ReadGradient => Row(7);

    public Span<float> Strengths => Numbers(0); // β or Δ
    public Span<float> Decays => Numbers(1); // e^g
    public Span<float> StrengthGradient => Numbers(2);
    public Span<float> LogDecayGradient => Numbers(3);

    /// <summary>1/length of each key, then of each query.</summary>
    public Span<float> KeyInverses => Numbers(4);

    public Span<float> QueryInverses => Numbers(5);

    /// <summary>Sets the number of tokens; old values are undefined but for the zeros behind rows.</summary>
    public void Reset(int count)
    {
        if (_rows.Length < 8 * count * Width) _rows = new float[8 * count * Width];
        else if (_count != count && Width != HeadDim) Array.Clear(_rows);
        if (_numbers.Length < 6 * count) _numbers = new float[6 * count];
        _count = count;
    }

    /// <summary>D numbers of a row of one of the spans above.</summary>
    public Span<float> Of(Span<float> rows, int i) => rows.Slice(i * Width, HeadDim);

    private Span<float> Row(int index) => _rows.AsSpan(index * _count * Width, _count * Width);

    private Span<float> Numbers(int index) => _numbers.AsSpan(index * _count, _count);
}

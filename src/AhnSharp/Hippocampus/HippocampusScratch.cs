using System;
using AhnSharp.Kernels;

namespace AhnSharp.Hippocampus;

/// <summary>What one thread needs while it folds tokens into a state: nothing in it outlives a call.</summary>
/// <remarks>All spans lie in one buffer, 64-byte aligned. C = <see cref="Tokens"/>, D = head dimension; 85 KB at D = 128.</remarks>
internal sealed class HippocampusScratch : IDisposable
{
    /// <summary>Tokens that the chunked form folds at once (C of the equations).</summary>
    /// <remarks>
    /// Any C gives the same result; 32 is the fastest. Microseconds per token (Zen 4, AVX-512; DN, GDN, Mamba2), 16 / 32 /
    /// 64 at once: D = 128: 1.68 / 1.35 / 1.47, 1.51 / 1.45 / 1.58, 1.15 / 0.94 / 1.00; D = 64: 0.57 / 0.47 / 0.55, 0.65 /
    /// 0.55 / 0.65, 0.34 / 0.35 / 0.41.
    /// </remarks>
    internal const int Tokens = 32;

    private readonly NativeBuffer _buffer;
    private readonly long _updates, _keysTransposed, _keyScores, _queryScores, _solved, _inverse, _strengths, _ratios, _logDecays;

    /// <summary>Allocates for heads of dimension <paramref name="headDim"/>.</summary>
    public HippocampusScratch(int headDim)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(headDim);
        HeadDim = headDim;
        long length = 0;
        Reserve(2 * Tokens * headDim);
        _updates = Reserve(Tokens * headDim);
        _keysTransposed = Reserve(headDim * Tokens);
        _keyScores = Reserve(Tokens * Tokens);
        _queryScores = Reserve(Tokens * Tokens);
        _solved = Reserve(UnitTriangle.Block * headDim);
        _inverse = Reserve(UnitTriangle.Block * UnitTriangle.Block);
        _strengths = Reserve(Tokens);
        _ratios = Reserve(Tokens);
        _logDecays = Reserve(2 * Tokens);
        _buffer = new NativeBuffer(length);

        long Reserve(int floats)
        {
            long offset = length;
            length += ((long)floats * sizeof(float) + 63) & ~63L;
            return offset;
        }
    }

    /// <summary>D.</summary>
    public int HeadDim { get; }

    /// <summary>k̂ [C, D].</summary>
    internal Span<float> Keys => _buffer.Span<float>(0, Tokens * HeadDim);

    /// <summary>q̂ [C, D], right behind k̂, with 1/√D already in it where the kind has it.</summary>
    internal Span<float> Queries => _buffer.Span<float>((long)Tokens * HeadDim * sizeof(float), Tokens * HeadDim);

    /// <summary>U [C, D]: what each token adds to the state along its key.</summary>
    internal Span<float> Updates => _buffer.Span<float>(_updates, Tokens * HeadDim);

    /// <summary>k̂ᵀ [D, C].</summary>
    internal Span<float> KeysTransposed => _buffer.Span<float>(_keysTransposed, HeadDim * Tokens);

    /// <summary>k̂_i·k̂_j [C, C], then −A.</summary>
    internal Span<float> KeyScores => _buffer.Span<float>(_keyScores, Tokens * Tokens);

    /// <summary>q̂_i·k̂_j [C, C], then times Γ.</summary>
    internal Span<float> QueryScores => _buffer.Span<float>(_queryScores, Tokens * Tokens);

    /// <summary>[Block, D]: solved rows before they replace their right-hand sides.</summary>
    internal Span<float> Solved => _buffer.Span<float>(_solved, UnitTriangle.Block * HeadDim);

    /// <summary>[Block, Block]: inverse of one diagonal block of I + A.</summary>
    internal Span<float> Inverse => _buffer.Span<float>(_inverse, UnitTriangle.Block * UnitTriangle.Block);

    /// <summary>β or Δ [C].</summary>
    internal Span<float> Strengths => _buffer.Span<float>(_strengths, Tokens);

    /// <summary>One row of Γ, or e^(G_C − G) [C].</summary>
    internal Span<float> Ratios => _buffer.Span<float>(_ratios, Tokens);

    /// <summary>g [C], then its running sums G; in double, because Γ is made of small differences of large sums.</summary>
    internal Span<double> LogDecays => _buffer.Span<double>(_logDecays, Tokens);

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();
}

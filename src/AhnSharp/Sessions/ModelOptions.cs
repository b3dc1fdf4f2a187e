using System;
using AhnSharp.Kernels;

namespace AhnSharp.Sessions;

/// <summary>How a model is loaded and run.</summary>
public sealed record ModelOptions
{
    /// <summary>Threads of the team, the caller's included.</summary>
    public int Threads { get; init; } = Workers.DefaultCount;

    /// <summary>Map the file (default), or read it with ordinary reads: for network drives, and files that change.</summary>
    public bool MemoryMap { get; init; } = true;

    /// <summary>
    /// Pack matrices into the tiles of the fast kernels (default), or leave them in the mapped file: nothing is loaded or taken beside the
    /// mapping, but all is many times slower.
    /// </summary>
    public bool Repack { get; init; } = true;

    /// <summary>C, tokens that pass through a layer together. A session stands at whole chunks when it is cancelled.</summary>
    public int ChunkTokens { get; init; } = 256;

    /// <summary>How precisely activations are multiplied with Q8_0 weights; by default as precisely as elsewhere.</summary>
    public ActivationPrecision Activations { get; init; } = ActivationPrecision.EightBits;

    /// <summary>Accept an AHN adapter whose fingerprint is not that of the base model.</summary>
    public bool IgnoreFingerprint { get; init; }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ChunkTokens, 1);
    }
}

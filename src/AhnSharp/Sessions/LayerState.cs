using System;
using System.Collections.Generic;
using AhnSharp.Attention;

namespace AhnSharp.Sessions;

/// <summary>Everything that one layer keeps of one text, wherever it lies: exact entries, compressed memory, and whatever comes.</summary>
/// <remarks>
/// Made by the model whose layer it is (<see cref="LanguageModel.CreateLayer"/>). A pass reserves what it will write, writes, and
/// either the session goes on or the pass is undone; what was seen before the pass is never changed by <see cref="Reserve"/>.
/// </remarks>
internal abstract class LayerState : IDisposable
{
    /// <summary>The shape of its exact memory.</summary>
    public abstract KvGeometry Geometry { get; }

    /// <summary>Whether it has a compressed memory.</summary>
    public abstract bool HasMemory { get; }

    /// <summary>Bytes of keys, values and gates now, those shared with forks included.</summary>
    public abstract long ExactBytes { get; }

    /// <summary>Bytes of compressed memory now, those shared with forks included.</summary>
    public abstract long MemoryBytes { get; }

    /// <summary>What it holds, by identity: two states that share a part give the same object.</summary>
    public abstract IEnumerable<(object Part, long Bytes)> Parts { get; }

    /// <summary>The state of another text that stands where this one does; they share everything until one of them goes on.</summary>
    public abstract LayerState Fork();

    /// <summary>Makes everything that a pass will write this text's alone, with room for it.</summary>
    /// <param name="position">Tokens seen.</param>
    /// <param name="tokens">Tokens of the pass.</param>
    /// <param name="tokensLeave">Whether any leaves the window.</param>
    /// <returns>Bytes copied because a fork shares them.</returns>
    public abstract long Reserve(long position, int tokens, bool tokensLeave);

    /// <summary>Forgets the text.</summary>
    public abstract void Clear();

    /// <summary>The same state in the processor's memory, for the caller to dispose; what lies there already is shared.</summary>
    public abstract HostLayer ToHost(long position);

    /// <inheritdoc/>
    public abstract void Dispose();
}

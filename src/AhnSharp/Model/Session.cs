using System;
using AhnSharp.Attention;
using AhnSharp.Hippocampus;

namespace AhnSharp.Model;

/// <summary>All the state of one text: exact memory and compressed memory of every layer, and how many tokens were seen.</summary>
/// <remarks>Made by <see cref="QwenModel.CreateSession"/>, advanced by its Forward; not for use on several threads at once.</remarks>
public sealed class Session : IDisposable
{
    private readonly KvRing[] _rings;
    private readonly float[] _logits;
    private bool _disposed;

    internal Session(QwenModel model, SessionPlan plan)
    {
        Model = model;
        Plan = plan;
        _logits = new float[model.Config.VocabularySize];
        _rings = new KvRing[model.Config.LayerCount];
        for (int n = 0; n < _rings.Length; n++) _rings[n] = new KvRing(plan.Geometry(n));
        if (plan.HasMemory) Memory = new MemoryState(model.Config.MemoryLayerCount, model.Config.HeadCount, model.Config.HeadDim);
    }

    /// <summary>What it keeps.</summary>
    public MemoryMode Mode => Plan.Mode;

    /// <summary>W, the last tokens that are held exactly; 0 in the mode full.</summary>
    public int Window => Plan.Window;

    /// <summary>S, the first tokens that are held exactly; 0 in the mode full.</summary>
    public int Sinks => Plan.Sinks;

    /// <summary>How keys and values are stored.</summary>
    public KvType Kv => Plan.Kv;

    /// <summary>Tokens seen; the position of the next one.</summary>
    public long Position { get; private set; }

    /// <summary>Tokens whose keys and values are held exactly.</summary>
    public long TokensExact => Mode == MemoryMode.Full ? Position : Math.Min(Position, (long)Window + Sinks);

    /// <summary>Tokens that live on in the compressed memory alone.</summary>
    public long TokensCompressed => Mode == MemoryMode.Ahn ? Position - TokensExact : 0;

    /// <summary>Tokens that left the window of a session without a memory.</summary>
    public long TokensDropped => Mode == MemoryMode.Window ? Position - TokensExact : 0;

    /// <summary>Bytes that the exact and the compressed memory take now.</summary>
    public long StateBytes
    {
        get
        {
            long bytes = Memory?.ByteLength ?? 0;
            foreach (KvRing ring in _rings) bytes += ring.ByteLength;
            return bytes;
        }
    }

    /// <summary>The logits behind the last token fed, [vocabulary]; overwritten by the next Forward.</summary>
    public ReadOnlySpan<float> LastLogits => _logits;

    internal QwenModel Model { get; }

    internal SessionPlan Plan { get; }

    internal MemoryState? Memory { get; }

    internal float[] Logits => _logits;

    /// <summary>Forgets the text: the session is as new.</summary>
    public void Reset()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Position = 0;
        Memory?.Clear();
        foreach (KvRing ring in _rings) ring.Clear();
        Array.Clear(_logits);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        foreach (KvRing ring in _rings) ring.Dispose();
        Memory?.Dispose();
    }

    internal KvRing Ring(int layer) => _rings[layer];

    internal void Advance(int tokens) => Position += tokens;

    /// <summary>Makes room for <paramref name="tokens"/> more, or says that they do not fit; changes nothing that was seen.</summary>
    internal void Reserve(long tokens)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        long end = Position + tokens;
        foreach (KvRing ring in _rings)
        {
            if (!ring.Geometry.Grows) continue;
            if (end > Plan.ContextTokens) throw new ContextOverflowException(end, Plan.ContextTokens);
        }
    }

    internal void Grow(long tokens)
    {
        foreach (KvRing ring in _rings) ring.Reserve(Position + tokens);
    }
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using AhnSharp.Attention;
using AhnSharp.Files;
using AhnSharp.Hippocampus;
using AhnSharp.Kernels;
using AhnSharp.Model.Snapshots;

namespace AhnSharp.Model;

/// <summary>All the state of one text: exact memory and compressed memory of every layer, and the tokens that were seen.</summary>
/// <remarks>
/// Made by <see cref="QwenModel.CreateSession"/>, advanced by its Forward; not for use on several threads at once. Sessions that were
/// forked from each other are as independent as any two: they may live on different threads and end in any order.
/// </remarks>
public sealed class Session : ILanguageSession
{
    private readonly KvRing[] _rings;
    private readonly float[] _logits;
    private readonly TokenHistory _history;
    private bool _disposed;

    internal Session(ILanguageModel model, SessionPlan plan)
    {
        Model = model;
        Plan = plan;
        _logits = new float[model.Config.VocabularySize];
        _history = new TokenHistory();
        _rings = new KvRing[model.Config.LayerCount];
        for (int n = 0; n < _rings.Length; n++) _rings[n] = new KvRing(plan.Geometry(n));
        if (plan.HasMemory) Memory = new MemoryState(model.Config.MemoryLayerCount, model.Config.HeadCount, model.Config.HeadDim);
    }

    private Session(Session other, ILanguageModel model, int firstLayer)
    {
        (Model, Plan, Position, FirstLayer) = (model, other.Plan, other.Position, firstLayer);
        _logits = [.. other._logits];
        _history = other._history.Fork();
        _rings = new KvRing[other._rings.Length];
        for (int n = 0; n < _rings.Length; n++) _rings[n] = other._rings[n].Fork();
        Memory = other.Memory?.Fork();
    }

    /// <summary>What it keeps and takes, as it was planned.</summary>
    public SessionPlan Plan { get; }

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

    /// <summary>The ids of the tokens seen; valid until the session goes on, is reset or disposed.</summary>
    public ReadOnlySpan<int> Tokens => _history.Ids;

    /// <summary>Tokens whose keys and values are held exactly.</summary>
    public long TokensExact => Mode == MemoryMode.Full ? Position : Math.Min(Position, (long)Window + Sinks);

    /// <summary>Tokens that live on in the compressed memory alone.</summary>
    public long TokensCompressed => Mode == MemoryMode.Ahn ? Position - TokensExact : 0;

    /// <summary>Tokens that left the window of a session without a memory.</summary>
    public long TokensDropped => Mode == MemoryMode.Window ? Position - TokensExact : 0;

    /// <summary>Bytes that the exact and the compressed memory take now; a fork counts what it shares with others too.</summary>
    public long StateBytes
    {
        get
        {
            long bytes = Memory?.ByteLength ?? 0;
            foreach (KvRing ring in _rings) bytes += ring.ByteLength;
            return bytes;
        }
    }

    /// <summary>Bytes of <see cref="Tokens"/>: 4 a token, taken by doubling. The one thing that grows with the text in every mode.</summary>
    public long HistoryBytes => _history.ByteLength;

    /// <summary>Bytes this session has copied, since it was created, forked or loaded, because it was about to write what a fork shared with it.</summary>
    public long BytesCopied { get; private set; }

    /// <summary>The logits behind the last token fed, [vocabulary]; overwritten by the next Forward.</summary>
    public ReadOnlySpan<float> LastLogits => _logits;

    internal ILanguageModel Model { get; }

    internal MemoryState? Memory { get; }

    internal float[] Logits => _logits;

    /// <summary>An independent session that stands where this one does, in a time that does not depend on what was read.</summary>
    /// <remarks>
    /// The two share ring segments (256 tokens of a layer), memories and token history until one of them goes on; what it is about to
    /// write it copies first (<see cref="BytesCopied"/>), for a short answer one segment a layer and, once tokens leave the window, the memory.
    /// </remarks>
    public Session Fork()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return ForkFor(Model, FirstLayer);
    }

    /// <summary>What the session holds, layer by layer and head by head. It is looked at, not changed; not while a Forward runs.</summary>
    public SessionDescription Describe()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return SessionDescription.Of(this);
    }

    /// <summary>Keeps the session in a file, from which <see cref="QwenModel.LoadSession(string, SessionOptions?)"/> goes on. Layout: docs/snapshot.md.</summary>
    /// <remarks>
    /// Written beside <paramref name="path"/>, seen to the disk, then renamed over what stood there: a crash or a full disk leaves the old file whole.
    /// A loaded session goes on bit for bit on the same machine with the same chunk, unless entries were compressed (<see cref="SnapshotOptions.Kv"/>).
    /// </remarks>
    /// <param name="path">The file, by custom NAME.ahn.</param>
    /// <param name="options">Compression, and what the application keeps beside the session.</param>
    /// <param name="ct">Ends the saving; the old file stays.</param>
    public void Save(string path, SnapshotOptions? options = null, CancellationToken ct = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        using PartialFile file = OutputFile.CreateOverSession(path);
        SnapshotWriter.Write(this, file.Stream, options ?? new SnapshotOptions(), ct);
        file.Commit();
    }

    /// <summary>Writes the bytes of <see cref="Save(string, SnapshotOptions?, CancellationToken)"/> to a stream, front to back without seeking.</summary>
    public void Save(Stream stream, SnapshotOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(stream);
        SnapshotWriter.Write(this, stream, options ?? new SnapshotOptions(), CancellationToken.None);
    }

    /// <summary>Forgets the text: the session is as new.</summary>
    public void Reset()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Position = 0;
        Memory?.Clear();
        foreach (KvRing ring in _rings) ring.Clear();
        _history.Clear();
        Array.Clear(_logits);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        foreach (KvRing ring in _rings) ring.Dispose();
        Memory?.Dispose();
        _history.Dispose();
    }

    /// <summary>Everything the session holds, by identity: two sessions that share a part give the same object.</summary>
    IEnumerable<(object Part, long Bytes)> ILanguageSession.Parts
    {
        get
        {
            yield return (_logits, sizeof(float) * (long)_logits.Length);
            foreach (KvRing ring in _rings)
            {
                foreach (SharedBuffer segment in ring.Segments) yield return (segment, segment.Buffer.ByteLength);
            }
            foreach (SharedBuffer layer in Memory?.LayerBuffers ?? []) yield return (layer, layer.Buffer.ByteLength);
            if (_history.Buffer is { } ids) yield return (ids, ids.Buffer.ByteLength);
        }
    }

    ILanguageModel ILanguageSession.Model => Model;

    ILanguageSession ILanguageSession.Fork() => Fork();

    void ILanguageSession.Reserve(long tokens) => Reserve(tokens);

    /// <summary>The first layer that passes write here; the rings before it are empty.</summary>
    internal int FirstLayer { get; init; }

    /// <summary>What another part of the program keeps beside the session, such as the state of the layers before <see cref="FirstLayer"/>.</summary>
    internal object? Beside { get; set; }

    /// <summary>A fork that belongs to another model of the same network.</summary>
    internal Session ForkFor(ILanguageModel model, int firstLayer = 0) => new(this, model, firstLayer);

    internal KvRing Ring(int layer) => _rings[layer];

    internal void Advance(ReadOnlySpan<int> ids)
    {
        _history.Append(ids);
        Position += ids.Length;
    }

    /// <summary>Says so where <paramref name="tokens"/> more do not fit; changes nothing.</summary>
    internal void Reserve(long tokens)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        long end = Position + tokens;
        if (end > Array.MaxLength) throw new InvalidOperationException($"A session keeps the ids of at most {Array.MaxLength:N0} tokens, and this one would have seen {end:N0}.");
        foreach (KvRing ring in _rings)
        {
            if (!ring.Geometry.Grows) continue;
            if (end > Plan.ContextTokens) throw new ContextOverflowException(end, Plan.ContextTokens);
        }
    }

    /// <summary>Makes everything that a pass of <paramref name="tokens"/> will write this session's alone; what was seen stays as it is.</summary>
    internal void Own(int tokens, bool tokensLeave)
    {
        BytesCopied += _history.Reserve(tokens);
        foreach (KvRing ring in _rings.AsSpan(FirstLayer)) BytesCopied += ring.Reserve(Position, Position + tokens);
        if (tokensLeave && Memory is not null) BytesCopied += Memory.Own();
    }

    /// <summary>Puts a new session behind <paramref name="tokens"/> tokens, whose ids the caller fills in.</summary>
    internal Span<int> Restore(int tokens)
    {
        _history.Reserve(tokens);
        Position = tokens;
        return _history.Extend(tokens);
    }
}

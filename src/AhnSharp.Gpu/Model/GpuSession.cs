using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using AhnSharp.Attention;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Model;
using AhnSharp.Network;

namespace AhnSharp.Gpu.Model;

/// <summary>All the state of one text on a GPU: keys, values, gates and memories lie there, the ids and the last logits here.</summary>
/// <remarks>Made and advanced by a <see cref="GpuModel"/>; not for use on several threads at once. A fork shares everything until one of the two goes on.</remarks>
public sealed class GpuSession : ILanguageSession
{
    private readonly GpuModel _model;
    private readonly GpuLayerState[] _layers;
    private readonly float[] _logits;
    private readonly ulong[] _likeliest = new ulong[TopKey.Count];
    private readonly TokenHistory _history;
    private volatile bool _logitsAreOnDevice; // set under the model's lock, looked at outside of it
    private bool _disposed;

    internal GpuSession(GpuModel model, SessionPlan plan)
    {
        (_model, Plan) = (model, plan);
        _logits = new float[model.Config.VocabularySize];
        _history = new TokenHistory();
        _layers = new GpuLayerState[model.EndLayer];
        for (int n = 0; n < _layers.Length; n++) _layers[n] = NewLayer(n);
    }

    private GpuSession(GpuSession other)
    {
        (_model, Plan, Position) = (other._model, other.Plan, other.Position);
        _logits = [.. other.LastLogits];
        other._likeliest.CopyTo(_likeliest, 0);
        LikeliestCount = other.LikeliestCount;
        _history = other._history.Fork();
        _layers = new GpuLayerState[other._layers.Length];
        for (int n = 0; n < _layers.Length; n++) _layers[n] = other._layers[n].Share();
    }

    /// <inheritdoc/>
    public SessionPlan Plan { get; }

    /// <inheritdoc/>
    public MemoryMode Mode => Plan.Mode;

    /// <inheritdoc/>
    public int Window => Plan.Window;

    /// <inheritdoc/>
    public int Sinks => Plan.Sinks;

    /// <inheritdoc/>
    public KvType Kv => Plan.Kv;

    /// <inheritdoc/>
    public long Position { get; private set; }

    /// <inheritdoc/>
    public ReadOnlySpan<int> Tokens => _history.Ids;

    /// <inheritdoc/>
    public long TokensExact => Mode == MemoryMode.Full ? Position : Math.Min(Position, (long)Window + Sinks);

    /// <inheritdoc/>
    public long TokensCompressed => Mode == MemoryMode.Ahn ? Position - TokensExact : 0;

    /// <inheritdoc/>
    public long TokensDropped => Mode == MemoryMode.Window ? Position - TokensExact : 0;

    /// <inheritdoc/>
    public long StateBytes
    {
        get
        {
            long bytes = 0;
            foreach (GpuLayerState layer in _layers) bytes += layer.ByteLength;
            return bytes;
        }
    }

    /// <inheritdoc/>
    public long HistoryBytes => _history.ByteLength;

    /// <inheritdoc/>
    public long BytesCopied { get; private set; }

    /// <inheritdoc/>
    /// <remarks>They are brought from the device when they are first looked at.</remarks>
    public ReadOnlySpan<float> LastLogits
    {
        get
        {
            if (LogitsAreOnDevice) _model.BringLogits(this);
            return _logits;
        }
    }

    ILanguageModel ILanguageSession.Model => _model;

    IEnumerable<(object Part, long Bytes)> ILanguageSession.Parts
    {
        get
        {
            yield return (_logits, sizeof(float) * (long)_logits.Length);
            foreach (GpuLayerState layer in _layers) yield return (layer, layer.ByteLength);
            if (_history.Buffer is { } ids) yield return (ids, ids.Buffer.ByteLength);
        }
    }

    internal GpuModel Model => _model;

    /// <summary>Where the last logits lie on the host.</summary>
    internal float[] Logits => _logits;

    /// <summary>Whether the last logits lie on the device alone.</summary>
    internal bool LogitsAreOnDevice
    {
        get => _logitsAreOnDevice;
        set => _logitsAreOnDevice = value;
    }

    /// <summary>[<see cref="TopKey.Count"/>]: the likeliest tokens behind the last one.</summary>
    internal ulong[] LikeliestKeys => _likeliest;

    /// <summary>How many of them there are; 0: none were picked.</summary>
    internal int LikeliestCount { get; set; }

    /// <summary>An independent session that stands where this one does; what it shares is copied, a layer at a time, when one of the two goes on.</summary>
    public GpuSession Fork()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new GpuSession(this);
    }

    ILanguageSession ILanguageSession.Fork() => Fork();

    /// <inheritdoc/>
    public SessionDescription Describe()
    {
        using Session here = Download();
        return here.Describe();
    }

    /// <inheritdoc/>
    public void Save(string path, SnapshotOptions? options = null, CancellationToken ct = default)
    {
        using Session here = Download();
        here.Save(path, options, ct);
    }

    /// <inheritdoc/>
    public void Save(Stream stream, SnapshotOptions? options = null)
    {
        using Session here = Download();
        here.Save(stream, options);
    }

    /// <inheritdoc/>
    public void Reset()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Position = 0;
        _history.Clear();
        Array.Clear(_logits);
        LogitsAreOnDevice = false;
        LikeliestCount = 0;
        for (int n = 0; n < _layers.Length; n++)
        {
            _layers[n].Release();
            _layers[n] = NewLayer(n);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        LogitsAreOnDevice = false;
        foreach (GpuLayerState layer in _layers) layer.Release();
        _history.Dispose();
    }

    void ILanguageSession.Reserve(long tokens) => Reserve(tokens);

    int ILanguageSession.Likeliest(Span<int> ids, Span<float> logits)
    {
        int count = Math.Min(ids.Length, LikeliestCount);
        for (int i = 0; i < count; i++) (ids[i], logits[i]) = (TopKey.Id(_likeliest[i]), TopKey.Logit(_likeliest[i]));
        return count;
    }

    internal void Reserve(long tokens)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        long end = Position + tokens;
        if (end > Array.MaxLength) throw new InvalidOperationException($"A session keeps the ids of at most {Array.MaxLength:N0} tokens, and this one would have seen {end:N0}.");
        foreach (GpuLayerState layer in _layers)
        {
            if (layer.Ring.Geometry.Grows && end > Plan.ContextTokens) throw new ContextOverflowException(end, Plan.ContextTokens);
        }
    }

    internal GpuLayerState Layer(int layer) => _layers[layer];

    /// <summary>Makes everything that a pass of <paramref name="tokens"/> will write this session's alone, with memory for it.</summary>
    internal void Own(int tokens, bool tokensLeave)
    {
        long copied = _history.Reserve(tokens);
        for (int n = 0; n < _layers.Length; n++)
        {
            _layers[n].Accelerator.Bind();
            _layers[n] = _layers[n].Own(ref copied);
            _layers[n].Ring.Reserve((int)Position + tokens);
            if (tokensLeave) _layers[n].TakeState();
        }
        BytesCopied += copied;
    }

    internal void Advance(ReadOnlySpan<int> ids)
    {
        _history.Append(ids);
        Position += ids.Length;
        LikeliestCount = 0;
    }

    /// <summary>The same session in the form of the engine, which writes and describes sessions.</summary>
    internal Session Download()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var here = new Session(_model, Plan);
        Tokens.CopyTo(here.Restore((int)Position));
        LastLogits.CopyTo(here.Logits);
        DownloadTo(here);
        return here;
    }

    /// <summary>Carries the layers that are on devices to a session that stands where this one does.</summary>
    internal void DownloadTo(Session here) => SessionTransfer.Download(_layers, here, _model.Config);

    /// <summary>A session that stands where one in the form of the engine does.</summary>
    internal static GpuSession Upload(GpuModel model, Session from)
    {
        var session = new GpuSession(model, from.Plan);
        try
        {
            session._history.Reserve(from.Tokens.Length);
            session._history.Append(from.Tokens);
            session.Position = from.Position;
            from.LastLogits.CopyTo(session._logits);
            foreach (GpuLayerState layer in session._layers)
            {
                layer.Accelerator.Bind();
                layer.Ring.Reserve((int)from.Position);
                if (from.TokensCompressed > 0) layer.TakeState();
            }
            SessionTransfer.Upload(from, session._layers, model.Config);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private GpuLayerState NewLayer(int layer)
    {
        KvGeometry geometry = Plan.Geometry(layer);
        ModelConfig config = _model.Config;
        bool remembers = Plan.HasMemory && geometry.GatesPerToken > 0;
        return new GpuLayerState(_model.AcceleratorOf(layer), geometry, remembers ? (long)config.HeadCount * config.HeadDim * config.HeadDim : 0);
    }
}

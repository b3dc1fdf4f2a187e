using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using AhnSharp.Gguf;
using AhnSharp.Model;
using AhnSharp.Model.Snapshots;
using AhnSharp.Network;

namespace AhnSharp.Gpu.Model;

/// <summary>A model of which a device has not enough memory: its first layers run there, the others and the head on the processor.</summary>
/// <remarks>A pass runs through the device's layers, crosses the bus as hidden states [rows, E], and goes on here. Cancellation is looked at between chunks.</remarks>
public sealed class SplitModel : ILanguageModel
{
    private readonly Lock _turn = new();
    private readonly GpuModel _front;
    private readonly QwenModel _back;

    internal SplitModel(GpuModel front, QwenModel back)
    {
        (_front, _back) = (front, back);
        back.Front = front.RunFront;
    }

    /// <summary>Layers on the device.</summary>
    public int DeviceLayers => _front.EndLayer;

    /// <inheritdoc/>
    public ModelConfig Config => _back.Config;

    /// <inheritdoc/>
    public GgufMetadata Metadata => _back.Metadata;

    /// <inheritdoc/>
    public ModelIdentity Identity => _back.Identity;

    /// <inheritdoc/>
    public string RunsOn => $"{_front.RunsOn}, for {DeviceLayers} of {Config.LayerCount} layers, {_back.RunsOn} for the others";

    /// <inheritdoc/>
    public int ChunkTokens => _back.ChunkTokens;

    /// <inheritdoc/>
    public long WeightBytes => _front.WeightBytes + _back.WeightBytes;

    /// <inheritdoc/>
    public long FileBytes => _back.FileBytes;

    /// <inheritdoc/>
    public long ScratchBytes => _front.ScratchBytes + _back.ScratchBytes;

    /// <summary>The part on the device.</summary>
    public GpuModel Front => _front;

    /// <summary>The part on the processor.</summary>
    public QwenModel Back => _back;

    /// <inheritdoc/>
    public SessionPlan Plan(SessionOptions? options = null) => _back.Plan(options);

    /// <inheritdoc/>
    public ILanguageSession CreateSession(SessionOptions? options = null) => new SplitSession(this, _front.CreateSession(options), _back.CreateSession(options));

    /// <inheritdoc/>
    public ILanguageSession LoadSession(string path, SessionOptions? expected = null)
    {
        using SnapshotFile file = SnapshotFile.Open(path);
        return LoadSession(file, expected);
    }

    /// <inheritdoc/>
    public ILanguageSession LoadSession(SnapshotFile file, SessionOptions? expected = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        return LoadSession(file, expected, null);
    }

    /// <inheritdoc/>
    public ILanguageSession LoadSession(Stream stream, SessionOptions? expected = null, IDictionary<string, byte[]>? sections = null)
    {
        using SnapshotFile file = SnapshotFile.Open(stream);
        return LoadSession(file, expected, sections);
    }

    /// <inheritdoc/>
    public void Forward(ILanguageSession session, ReadOnlySpan<int> ids, CancellationToken cancellation = default) => Forward(session, ids, null, cancellation);

    /// <inheritdoc/>
    public void Forward(ILanguageSession session, ReadOnlySpan<int> ids, LogitsReader? everyRow, CancellationToken cancellation = default)
    {
        SplitSession own = Own(session);
        lock (_turn)
        {
            if (ids.IsEmpty) throw new ArgumentException("Expected at least one token, found none.", nameof(ids));
            own.Reserve(ids.Length);
            for (int done = 0; done < ids.Length;)
            {
                cancellation.ThrowIfCancellationRequested();
                int count = Math.Min(ChunkTokens, ids.Length - done), first = done;
                LogitsReader? reader = everyRow is null ? null : (index, logits) => everyRow(first + index, logits);
                _back.Forward(own.Back, ids.Slice(done, count), reader, CancellationToken.None);
                done += count;
            }
        }
    }

    /// <inheritdoc/>
    public void Forward(ReadOnlySpan<Slice> batch, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        Slice[] slices = new Slice[batch.Length];
        for (int i = 0; i < batch.Length; i++) slices[i] = batch[i] with { Session = Own(batch[i].Session).Back };
        lock (_turn) _back.Forward(slices, CancellationToken.None);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_turn)
        {
            _back.Dispose();
            _front.Dispose();
        }
    }

    ReadOnlySpan<double> ILanguageModel.DecayRatesOf(int layer) => layer < DeviceLayers ? ((ILanguageModel)_front).DecayRatesOf(layer) : ((ILanguageModel)_back).DecayRatesOf(layer);

    /// <summary>Layers whose weights and state fit into <paramref name="free"/> bytes, one after another from the first.</summary>
    /// <param name="layerBytes">Weights and state of each layer.</param>
    /// <param name="fixedBytes">What is taken besides.</param>
    /// <param name="free">Bytes.</param>
    internal static int LayersThatFit(IEnumerable<long> layerBytes, long fixedBytes, long free)
    {
        long left = free - fixedBytes;
        return layerBytes.TakeWhile(bytes => (left -= bytes) >= 0).Count();
    }

    private SplitSession LoadSession(SnapshotFile file, SessionOptions? expected, IDictionary<string, byte[]>? sections)
    {
        using Session whole = SnapshotReader.Load(file, this, expected, sections);
        GpuSession front = GpuSession.Upload(_front, whole);
        Session back = whole.ForkFor(_back, DeviceLayers);
        for (int n = 0; n < DeviceLayers; n++) back.Ring(n).Clear();
        return new SplitSession(this, front, back);
    }

    private SplitSession Own(ILanguageSession session) =>
        session is SplitSession own && own.Model == this ? own : throw new ArgumentException("The session belongs to another model.", nameof(session));
}

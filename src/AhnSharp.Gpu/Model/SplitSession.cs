using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using AhnSharp.Attention;
using AhnSharp.Model;

namespace AhnSharp.Gpu.Model;

/// <summary>All the state of one text of a <see cref="SplitModel"/>: the first layers' on the device, the others' and the ids here.</summary>
internal sealed class SplitSession : ILanguageSession
{
    private readonly GpuSession _front;

    public SplitSession(SplitModel model, GpuSession front, Session back)
    {
        (Model, _front, Back) = (model, front, back);
        back.Beside = front;
    }

    public SplitModel Model { get; }

    public Session Back { get; }

    public SessionPlan Plan => Back.Plan;

    public MemoryMode Mode => Back.Mode;

    public int Window => Back.Window;

    public int Sinks => Back.Sinks;

    public KvType Kv => Back.Kv;

    public long Position => Back.Position;

    public ReadOnlySpan<int> Tokens => Back.Tokens;

    public long TokensExact => Back.TokensExact;

    public long TokensCompressed => Back.TokensCompressed;

    public long TokensDropped => Back.TokensDropped;

    public long StateBytes => _front.StateBytes + Back.StateBytes;

    public long HistoryBytes => _front.HistoryBytes + Back.HistoryBytes;

    public long BytesCopied => _front.BytesCopied + Back.BytesCopied;

    public ReadOnlySpan<float> LastLogits => Back.LastLogits;

    ILanguageModel ILanguageSession.Model => Model;

    IEnumerable<(object Part, long Bytes)> ILanguageSession.Parts
    {
        get
        {
            foreach ((object, long) part in ((ILanguageSession)_front).Parts) yield return part;
            foreach ((object, long) part in ((ILanguageSession)Back).Parts) yield return part;
        }
    }

    public ILanguageSession Fork() => new SplitSession(Model, _front.Fork(), Back.Fork());

    public SessionDescription Describe()
    {
        using Session whole = Whole();
        return whole.Describe();
    }

    public void Save(string path, SnapshotOptions? options = null, CancellationToken ct = default)
    {
        using Session whole = Whole();
        whole.Save(path, options, ct);
    }

    public void Save(Stream stream, SnapshotOptions? options = null)
    {
        using Session whole = Whole();
        whole.Save(stream, options);
    }

    public void Reset()
    {
        _front.Reset();
        Back.Reset();
    }

    void ILanguageSession.Reserve(long tokens) => Reserve(tokens);

    internal void Reserve(long tokens)
    {
        _front.Reserve(tokens);
        Back.Reserve(tokens);
    }

    public void Dispose()
    {
        _front.Dispose();
        Back.Dispose();
    }

    // The engine's form of all layers: a fork of what is here, into which the device's layers are carried.
    private Session Whole()
    {
        Session whole = Back.ForkFor(Model);
        whole.Memory?.Own();
        _front.DownloadTo(whole);
        return whole;
    }
}

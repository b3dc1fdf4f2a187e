using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using AhnSharp.Attention;
using AhnSharp.Gguf;
using AhnSharp.Kernels;
using AhnSharp.Model.Snapshots;

namespace AhnSharp.Model;

/// <summary>Qwen2.5 with its artificial hippocampus: weights that all sessions share, and the one forward pass.</summary>
/// <remarks>Forward may be called from any thread; calls take turns.</remarks>
public sealed class QwenModel : ILanguageModel
{
    // Cancellation is looked at between the layers of a pass at least this long; a shorter one takes no longer than a layer of a chunk does.
    private const int CancellableRows = 16;
    // Logits of every row are made in pieces of at most 32 MiB: 152,064 × 256 rows at once would take 156 MB.
    private const int MaxLogitsFloats = 8 << 20;
    private readonly Lock _turn = new();
    private readonly GgufFile _file;
    private readonly GgufFile? _adapter;
    private readonly Weights _weights;
    private readonly DecoderLayer[] _layers;
    private readonly Scratch _scratch;
    private readonly Pass _pass;
    private readonly Rope _rope;
    private readonly UndoLog _undo = new();
    private readonly Lazy<ModelIdentity> _identity;
    private bool _disposed;

    private QwenModel(GgufFile file, GgufFile? adapter, ModelConfig config, Weights weights, ModelOptions options, Workers workers)
    {
        (_file, _adapter, _weights, Config, Workers, ChunkTokens) = (file, adapter, weights, config, workers, options.ChunkTokens);
        _identity = new Lazy<ModelIdentity>(() => ModelIdentity.Of(_file, _adapter, Config.LayerCount));
        _scratch = new Scratch(config, ChunkTokens, workers.Count);
        _pass = new Pass(config);
        _rope = config.RopeScaling?.CreateRope(config.HeadDim, config.RopeTheta) ?? new Rope(config.HeadDim, config.RopeTheta);
        var work = new LayerWork(config, _scratch, new WindowAttention(KernelTable.Gemm, config.HeadCount, config.KvHeadCount, config.HeadDim));
        _layers = new DecoderLayer[config.LayerCount];
        FirstLayer = options.FirstLayer;
        for (int n = FirstLayer; n < _layers.Length; n++) _layers[n] = new DecoderLayer(n, weights.Layers[n], work);
    }

    /// <summary>The model's shape.</summary>
    public ModelConfig Config { get; }

    /// <summary>The file's keys: tokenizer, chat template, name.</summary>
    public GgufMetadata Metadata => _file.Metadata;

    /// <summary>Which model it is: names for people, and hashes by which a snapshot knows its model.</summary>
    public ModelIdentity Identity => _identity.Value;

    /// <summary>C, tokens that pass through a layer together.</summary>
    public int ChunkTokens { get; }

    /// <summary>Whether the matrices of the layers multiply 8-bit integers; else floats.</summary>
    public bool MultipliesBytes => _weights.Layers[^1].Up.Type is not (GgmlType.F32 or GgmlType.F16 or GgmlType.BF16);

    /// <summary>The thread team.</summary>
    public Workers Workers { get; }

    /// <summary>Bytes of the packed weights, those of the memory included.</summary>
    public long WeightBytes => _weights.ResidentBytes;

    /// <summary>Matrices that are multiplied with activations of 7 bits: those of Q8_0 where <see cref="ModelOptions.Activations"/> asks for it.</summary>
    public int SevenBitMatrices => _weights.SevenBitMatrices;

    /// <summary>Bytes of the file or files.</summary>
    public long FileBytes => _file.ByteLength + (_adapter?.ByteLength ?? 0);

    /// <inheritdoc/>
    public string RunsOn => $"{IsaName.Of(KernelTable.Active)}, {(Workers.Count == 1 ? "1 thread" : $"{Workers.Count} threads")}";

    /// <summary>Bytes that passes have left allocated, shared by all sessions.</summary>
    public long ScratchBytes => _scratch.ByteLength;

    /// <summary>The first layer that is computed here.</summary>
    internal int FirstLayer { get; }

    /// <summary>Computes the layers before <see cref="FirstLayer"/>: turns a pass's hidden states [rows, E], the embeddings, into what that layer takes.</summary>
    internal Action<Pass, Activations>? Front { get; set; }

    /// <summary>For tests: cancels a pass before this layer.</summary>
    internal int? StopBeforeLayer { get; set; }

    /// <summary>Loads a base or merged model, and the adapter beside it if one is named.</summary>
    /// <exception cref="InvalidModelException">A file is not what it should be; the sentence names the tensor or key.</exception>
    public static QwenModel Load(string path, string? ahnPath = null, ModelOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new ModelOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ChunkTokens, 1);
        GgufFile? file = null, adapter = null;
        Workers? workers = null;
        Weights? weights = null;
        try
        {
            file = GgufFile.Open(path, options.MemoryMap);
            adapter = ahnPath is null ? null : GgufFile.Open(ahnPath, options.MemoryMap);
            ModelConfig config = ModelConfig.Read(file, adapter);
            workers = new Workers(options.Threads);
            weights = Weights.Load(file, adapter, config, options, workers, cancellation);
            return new QwenModel(file, adapter, config, weights, options, workers);
        }
        catch
        {
            weights?.Dispose();
            workers?.Dispose();
            adapter?.Dispose();
            file?.Dispose();
            throw;
        }
    }

    /// <summary>What a session with these options would be and take.</summary>
    public SessionPlan Plan(SessionOptions? options = null) => new(Config, options ?? new SessionOptions(), ChunkTokens);

    /// <summary>Starts a text.</summary>
    public Session CreateSession(SessionOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new Session(this, Plan(options)) { FirstLayer = FirstLayer };
    }

    /// <summary>Goes on from a snapshot that <see cref="Session.Save(string, SnapshotOptions?, CancellationToken)"/> wrote.</summary>
    /// <param name="path">The snapshot.</param>
    /// <param name="expected">
    /// Mode, W and S that the session must have been made with, where they are not null; ContextTokens replaces the file's. Entries are always the file's.
    /// </param>
    /// <exception cref="SnapshotException">The file is damaged, or of another model, memory, geometry, version or session; the sentence names both.</exception>
    public Session LoadSession(string path, SessionOptions? expected = null)
    {
        using SnapshotFile file = SnapshotFile.Open(path);
        return LoadSession(file, expected);
    }

    /// <summary>Goes on from an open snapshot.</summary>
    public Session LoadSession(SnapshotFile file, SessionOptions? expected = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return SnapshotReader.Load(file, this, expected, null);
    }

    /// <summary>Goes on from a snapshot that begins where the stream stands; afterwards the stream stands behind its last byte.</summary>
    /// <param name="stream">Need not seek.</param>
    /// <param name="expected">As for a file.</param>
    /// <param name="sections">Receives what the application keeps in the snapshot.</param>
    public Session LoadSession(Stream stream, SessionOptions? expected = null, IDictionary<string, byte[]>? sections = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        using SnapshotFile file = SnapshotFile.Open(stream);
        return SnapshotReader.Load(file, this, expected, sections);
    }

    /// <summary>Feeds tokens to a session; afterwards <see cref="Session.LastLogits"/> are those behind the last.</summary>
    /// <exception cref="OperationCanceledException">The session stands at its last whole chunk of <see cref="ChunkTokens"/>.</exception>
    /// <exception cref="ContextOverflowException">Nothing was fed: with them a layer that keeps everything would exceed its context.</exception>
    public void Forward(ILanguageSession session, ReadOnlySpan<int> ids, CancellationToken cancellation = default) => Forward(session, ids, null, cancellation);

    /// <summary>Feeds tokens and hands over the logits behind every one.</summary>
    public void Forward(ILanguageSession session, ReadOnlySpan<int> ids, LogitsReader? everyRow, CancellationToken cancellation = default)
    {
        Session own = Own(session);
        lock (_turn)
        {
            Check(own, ids);
            for (int done = 0; done < ids.Length;)
            {
                int count = Math.Min(ChunkTokens, ids.Length - done);
                _pass.Clear();
                _pass.Add(own, ids.Slice(done, count), everyRow, done, ends: done + count == ids.Length);
                Run(cancellation);
                done += count;
            }
        }
    }

    /// <summary>Feeds tokens to several sessions at once: the matrix products run over all rows together.</summary>
    public void Forward(ReadOnlySpan<Slice> batch, CancellationToken cancellation = default)
    {
        lock (_turn)
        {
            for (int i = 0; i < batch.Length; i++)
            {
                Check(Own(batch[i].Session), batch[i].Ids.Span);
                for (int j = 0; j < i; j++)
                {
                    if (batch[j].Session == batch[i].Session) throw new ArgumentException("A session may be in a batch once.", nameof(batch));
                }
            }
            Span<int> done = batch.Length <= 64 ? stackalloc int[64] : new int[batch.Length];
            done.Clear();
            do
            {
                _pass.Clear();
                for (int i = 0; i < batch.Length && _pass.Rows < ChunkTokens; i++)
                {
                    ReadOnlySpan<int> ids = batch[i].Ids.Span;
                    int count = Math.Min(ChunkTokens - _pass.Rows, ids.Length - done[i]);
                    if (count == 0) continue;
                    _pass.Add(Own(batch[i].Session), ids.Slice(done[i], count), batch[i].EveryRow, done[i], ends: done[i] + count == ids.Length);
                    done[i] += count;
                }
                if (_pass.Rows > 0) Run(cancellation);
            }
            while (_pass.Rows > 0);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_turn)
        {
            if (_disposed) return;
            _disposed = true;
            Workers.Dispose();
            _weights.Dispose();
            _undo.Dispose();
            _adapter?.Dispose();
            _file.Dispose();
        }
    }

    ILanguageSession ILanguageModel.CreateSession(SessionOptions? options) => CreateSession(options);

    ILanguageSession ILanguageModel.LoadSession(string path, SessionOptions? expected) => LoadSession(path, expected);

    ILanguageSession ILanguageModel.LoadSession(SnapshotFile file, SessionOptions? expected) => LoadSession(file, expected);

    ILanguageSession ILanguageModel.LoadSession(Stream stream, SessionOptions? expected, IDictionary<string, byte[]>? sections) => LoadSession(stream, expected, sections);

    ReadOnlySpan<double> ILanguageModel.DecayRatesOf(int layer) => _weights.Layers[layer]?.Memory is { } memory ? memory.DecayRates : [];

    private static Session Own(ILanguageSession session) => session as Session ?? throw new ArgumentException("The session belongs to another model.", nameof(session));

    private void Check(Session session, ReadOnlySpan<int> ids)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (session.Model != this) throw new ArgumentException("The session belongs to another model.", nameof(session));
        if (ids.IsEmpty) throw new ArgumentException("Expected at least one token, found none.", nameof(ids));
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)Config.VocabularySize)
                throw new ArgumentOutOfRangeException(nameof(ids), $"Expected token ids from 0 to {Config.VocabularySize - 1}, found {id}.");
        }
        session.Reserve(ids.Length);
    }

    // All or nothing: keys of an unfinished pass lie in ring slots that nobody looks at yet, and the memory states are put back.
    private void Run(CancellationToken cancellation)
    {
        bool cancellable = _pass.Rows >= CancellableRows && cancellation.CanBeCanceled;
        cancellation.ThrowIfCancellationRequested();
        StepProfile? profile = Workers.Profile;
        profile?.Enter(ProfileStage.Bookkeeping);
        foreach (Pass.Part part in _pass.Parts) part.Session.Own(part.Count, tokensLeave: part.Leaving > 0);
        if (cancellable) _undo.Take(_pass);
        try
        {
            profile?.Enter(ProfileStage.Embedding);
            Embed();
            Front?.Invoke(_pass, _scratch.Hidden);
            for (int n = FirstLayer; n < _layers.Length; n++)
            {
                if (cancellable) cancellation.ThrowIfCancellationRequested();
                if (n == StopBeforeLayer) throw new OperationCanceledException();
                _layers[n].Forward(_pass, _scratch, Workers);
            }
        }
        catch when (cancellable)
        {
            _undo.PutBack(_pass);
            throw;
        }
        profile?.Enter(ProfileStage.Head);
        foreach (Pass.Part part in _pass.Parts) part.Session.Advance(_pass.Ids(part));
        foreach (Pass.Part part in _pass.Parts) ReadLogits(part);
        profile?.Enter(ProfileStage.Sampling);
    }

    private void Embed()
    {
        _scratch.Hidden.Reshape(_pass.Rows, Config.HiddenSize);
        int half = Config.HeadDim / 2;
        foreach (Pass.Part part in _pass.Parts)
        {
            for (int i = 0, row = part.Row; i < part.Count; i++, row++)
            {
                _weights.Embedding.Read(_pass.Id(row), _scratch.Hidden.Row(row));
                _rope.Angles(part.Position + i, _scratch.Cos.AsSpan(row * half, half), _scratch.Sin.AsSpan(row * half, half));
            }
        }
    }

    // Every row where somebody reads them, else the last row of a part that ends what was fed.
    private void ReadLogits(Pass.Part part)
    {
        int first = part.EveryRow is null ? (part.Ends ? part.Count - 1 : part.Count) : 0;
        int most = Math.Max(1, MaxLogitsFloats / Config.VocabularySize);
        for (; first < part.Count; first += most)
        {
            int count = Math.Min(most, part.Count - first);
            _scratch.HeadInput.Reshape(count, Config.HiddenSize);
            for (int i = 0; i < count; i++)
            {
                RmsNorm.Apply(_scratch.Hidden.Row(part.Row + first + i), _weights.OutputNorm, Config.RmsNormEpsilon, _scratch.HeadInput.Row(i));
            }
            _weights.Head.Apply(Workers, _scratch.HeadInput, _scratch.Logits);
            _scratch.Logits.Row(count - 1).CopyTo(part.Session.Logits);
            for (int i = 0; part.EveryRow is not null && i < count; i++) part.EveryRow(part.FirstIndex + first + i, _scratch.Logits.Row(i));
        }
    }
}

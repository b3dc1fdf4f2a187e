using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Devices;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Hippocampus;
using AhnSharp.Kernels;
using AhnSharp.Model;
using AhnSharp.Model.Snapshots;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Model;

/// <summary>Qwen2.5 with its artificial hippocampus on one or more GPUs: weights, rings and memories lie there; ids go there, logits come back.</summary>
/// <remarks>
/// Forward may be called from any thread; calls take turns. A pass is enqueued whole and ends with one synchronisation. It cannot be cancelled half-way:
/// cancellation is looked at between chunks of <see cref="ChunkTokens"/>.
/// </remarks>
public sealed class GpuModel : ILanguageModel
{
    private readonly Lock _turn = new();
    private readonly GgufFile _file;
    private readonly GgufFile? _adapter;
    private readonly GpuStage[] _stages;
    private readonly PassTable[] _tables; // one a stage
    private readonly PageLockedArray1D<float> _results;
    private readonly GpuLogits _logits;
    private readonly PageLockedArray1D<float>?[] _carried; // hidden rows on their way to stage i
    private readonly GpuPass _pass = new();
    private readonly Lazy<ModelIdentity> _identity;
    private readonly double[][] _decayRates;
    private GpuPart[] _parts = new GpuPart[1];
    private bool _disposed;

    private GpuModel(GgufFile file, GgufFile? adapter, ModelConfig config, GpuStage[] stages, double[][] decayRates, string runsOn, int chunkTokens)
    {
        (_file, _adapter, Config, _stages, _decayRates, RunsOn, ChunkTokens) = (file, adapter, config, stages, decayRates, runsOn, chunkTokens);
        _identity = new Lazy<ModelIdentity>(() => ModelIdentity.Of(_file, _adapter, Config.LayerCount));
        Rope rope = config.RopeScaling?.CreateRope(config.HeadDim, config.RopeTheta) ?? new Rope(config.HeadDim, config.RopeTheta);
        _tables = [.. stages.Select(stage => new PassTable(stage.Kernels.Accelerator, chunkTokens, config.HeadDim, rope))];
        GpuKernels last = stages[^1].Kernels;
        EndLayer = stages[^1].EndLayer;
        // What the last stage gives: logits, or hidden states where further layers are computed elsewhere.
        _results = last.Accelerator.AllocatePageLocked1D<float>(EndLayer == config.LayerCount ? (long)last.Scratch.LogitRows * config.VocabularySize : (long)chunkTokens * config.HiddenSize);
        _logits = new GpuLogits(last, _results);
        _carried = new PageLockedArray1D<float>?[stages.Length];
        for (int i = 1; i < stages.Length; i++) _carried[i] = stages[i].Kernels.Accelerator.AllocatePageLocked1D<float>((long)chunkTokens * config.HiddenSize);
    }

    /// <inheritdoc/>
    public ModelConfig Config { get; }

    /// <inheritdoc/>
    public GgufMetadata Metadata => _file.Metadata;

    /// <inheritdoc/>
    public ModelIdentity Identity => _identity.Value;

    /// <inheritdoc/>
    public string RunsOn { get; }

    /// <inheritdoc/>
    public int ChunkTokens { get; }

    /// <summary>Layers before this one are computed on devices: all, or those before the ones that are left to the processor.</summary>
    internal int EndLayer { get; }

    /// <inheritdoc/>
    public long WeightBytes => _stages.Sum(stage => stage.WeightBytes);

    /// <inheritdoc/>
    public long FileBytes => _file.ByteLength + (_adapter?.ByteLength ?? 0);

    /// <inheritdoc/>
    public long ScratchBytes => _stages.Sum(stage => stage.Kernels.Scratch.ByteLength);

    /// <summary>GB/s of the file at which the weights were read, sent to the devices and packed there: without opening devices and compiling kernels.</summary>
    public double UploadRate { get; private init; }

    /// <summary>Loads a base or merged model, and the adapter beside it if one is named, to a device; with several, the layers are spread over them by their memory.</summary>
    /// <exception cref="InvalidModelException">A file is not what it should be; the sentence names the tensor or key.</exception>
    /// <exception cref="GpuException">A device has not enough memory.</exception>
    public static GpuModel Load(
        string path, string? ahnPath, ModelOptions? options, IReadOnlyList<GpuDevice> devices, IProgress<LoadedBytes>? progress = null, CancellationToken cancellation = default) =>
        Load(path, ahnPath, options, devices, null, progress, cancellation);

    internal static GpuModel Load(
        string path, string? ahnPath, ModelOptions? options, IReadOnlyList<GpuDevice> devices, int? endLayer, IProgress<LoadedBytes>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(devices);
        if (devices.Count == 0) throw new ArgumentException("Expected a device, found none.", nameof(devices));
        string runsOn = string.Join(" + ", devices.Select(device => $"{device.Id} ({device.Name})"));
        return Load(
            path, ahnPath, options, runsOn, [.. devices.Select(device => device.MemoryBytes)],
            (shape, device) => KernelSets.Create(devices[device].CreateAccelerator(), shape), endLayer, progress, cancellation);
    }

    /// <summary>The same with kernel sets that the caller makes.</summary>
    /// <param name="path">As above.</param>
    /// <param name="ahnPath">As above.</param>
    /// <param name="options">As above.</param>
    /// <param name="runsOn">For people.</param>
    /// <param name="memory">Bytes of each device: layers are spread in proportion.</param>
    /// <param name="createKernels">Makes the set of a device, which owns its accelerator.</param>
    /// <param name="endLayer">Layers from this one on are computed elsewhere; null: none.</param>
    /// <param name="progress">As above.</param>
    /// <param name="cancellation">As above.</param>
    internal static GpuModel Load(
        string path, string? ahnPath, ModelOptions? options, string runsOn, long[] memory, Func<GpuShape, int, GpuKernels> createKernels, int? endLayer = null,
        IProgress<LoadedBytes>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new ModelOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ChunkTokens, 1);
        GgufFile? file = null, adapter = null;
        List<GpuStage> stages = [];
        try
        {
            file = GgufFile.Open(path, options.MemoryMap);
            adapter = ahnPath is null ? null : GgufFile.Open(ahnPath, options.MemoryMap);
            ModelConfig config = ModelConfig.Read(file, adapter);
            if (config.HeadDim > KvGeometryLimit) throw new GpuException($"Heads of {config.HeadDim} entries are not supported: expected at most {KvGeometryLimit}.");
            GpuShape shape = GpuShape.Of(config, options.ChunkTokens);
            var weights = new GpuWeights(file, adapter, config, options, cancellation);
            long done = 0, total = file.ByteLength + (adapter?.ByteLength ?? 0);
            double uploading = 0;
            double[][] decayRates = new double[config.LayerCount][];
            Array.Fill(decayRates, []);
            int[] ends = Spread(endLayer ?? config.LayerCount, memory);
            for (int n = ends[^1]; n < config.LayerCount; n++) weights.Leave(n);
            HeadSource head = weights.Head();
            for (int i = 0, first = 0; i < ends.Length; first = ends[i++])
            {
                if (ends[i] == first) continue;
                GpuKernels kernels = createKernels(shape, i);
                var layers = new GpuLayer[ends[i] - first];
                var stage = new GpuStage(kernels, first, layers);
                stages.Add(stage);
                kernels.PrepareUpload(head.Embedding.Type, file.Tensors.Select(tensor => tensor.Type).Distinct());
                long started = Stopwatch.GetTimestamp();
                kernels.Upload.Progress = bytes =>
                {
                    done += bytes;
                    progress?.Report(new LoadedBytes(done, total));
                };
                // Only the last stage makes logits, where it ends the model.
                if (first == 0 || ends[i] == config.LayerCount) stage.Head = kernels.UploadHead(ends[i] == config.LayerCount ? head : head with { Output = null, MakesLogits = false });
                for (int n = first; n < ends[i]; n++)
                {
                    LayerSource source = weights.Layer(n);
                    decayRates[n] = config.Ahn?.Kind == HippocampusKind.Mamba2 && source.Memory is { } one ? Array.ConvertAll(one.ALog!, a => Math.Exp(a)) : [];
                    layers[n - first] = kernels.UploadLayer(source);
                }
                kernels.EndUpload();
                uploading += Stopwatch.GetElapsedTime(started).TotalSeconds;
            }
            weights.RefuseRest();
            if (config.Ahn?.Fingerprint is { } fingerprint && !options.IgnoreFingerprint) Weights.Compare(fingerprint, file, adapter, config.LayerCount);
            return new GpuModel(file, adapter, config, [.. stages], decayRates, $"{runsOn}, {stages[^1].Kernels.Name} kernels", options.ChunkTokens) { UploadRate = done / uploading / 1e9 };
        }
        catch (Exception error)
        {
            foreach (GpuStage stage in stages) stage.Dispose();
            adapter?.Dispose();
            file?.Dispose();
            if (GpuFailure.Of(error, runsOn) is { } sentence) throw sentence;
            throw;
        }
    }

    private const int KvGeometryLimit = Attention.KvGeometry.MaxHeadDim;

    /// <summary>Bytes on a device that a model takes with a session when it is fullest: weights as stored, activations, state.</summary>
    public static long BytesOf(ModelPlan plan, SessionPlan session)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(session);
        return plan.FileBytes + GpuScratch.BytesOf(GpuShape.Of(plan.Config, plan.ChunkTokens)) + session.MostBytes;
    }

    /// <inheritdoc/>
    public SessionPlan Plan(SessionOptions? options = null) => new(Config, options ?? new SessionOptions(), ChunkTokens);

    /// <summary>GB/s at which the first device copies within its memory, reading and writing both counted, the best of five copies of 256 MiB: near the roof of a decode step.</summary>
    public double MeasureCopyRate()
    {
        lock (_turn)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            const long bytes = 256L << 20;
            Accelerator accelerator = _stages[0].Kernels.Accelerator;
            accelerator.Bind();
            using MemoryBuffer1D<byte, Stride1D.Dense> from = accelerator.Allocate1D<byte>(bytes), to = accelerator.Allocate1D<byte>(bytes);
            double best = double.PositiveInfinity;
            for (int i = 0; i < 5; i++)
            {
                accelerator.DefaultStream.Synchronize();
                long started = Stopwatch.GetTimestamp();
                from.View.AsContiguous().CopyTo(accelerator.DefaultStream, to.View.AsContiguous());
                accelerator.DefaultStream.Synchronize();
                best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalSeconds);
            }
            return 2 * bytes / best / 1e9;
        }
    }

    /// <summary>Starts a text.</summary>
    public GpuSession CreateSession(SessionOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new GpuSession(this, Plan(options));
    }

    ILanguageSession ILanguageModel.CreateSession(SessionOptions? options) => CreateSession(options);

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
        lock (_turn)
        {
            GpuSession own = Check(session, ids);
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

    /// <inheritdoc/>
    public void Forward(ReadOnlySpan<Slice> batch, CancellationToken cancellation = default)
    {
        lock (_turn)
        {
            for (int i = 0; i < batch.Length; i++)
            {
                Check(batch[i].Session, batch[i].Ids.Span);
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
                    _pass.Add((GpuSession)batch[i].Session, ids.Slice(done[i], count), batch[i].EveryRow, done[i], ends: done[i] + count == ids.Length);
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
            foreach (PassTable table in _tables) table.Dispose();
            foreach (PageLockedArray1D<float>? carried in _carried) carried?.Dispose();
            _results.Dispose();
            _logits.Dispose();
            foreach (GpuStage stage in _stages) stage.Dispose();
            _adapter?.Dispose();
            _file.Dispose();
        }
    }

    ReadOnlySpan<double> ILanguageModel.DecayRatesOf(int layer) => _decayRates[layer];

    /// <summary>Brings the last logits of a session from the device.</summary>
    internal void BringLogits(GpuSession session)
    {
        lock (_turn)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            try
            {
                _logits.Bring(session);
            }
            catch (Exception error) when (GpuFailure.Of(error, RunsOn) is { } sentence)
            {
                throw sentence;
            }
        }
    }

    internal Accelerator AcceleratorOf(int layer) => _stages.First(stage => layer < stage.EndLayer).Kernels.Accelerator;

    // Layer counts in proportion to memory; the ends of each device's layers.
    internal static int[] Spread(int layers, ReadOnlySpan<long> memory)
    {
        double total = 0, before = 0;
        foreach (long bytes in memory) total += bytes;
        int[] ends = new int[memory.Length];
        for (int i = 0; i < ends.Length; i++) ends[i] = (int)Math.Round(layers * ((before += memory[i]) / total));
        ends[^1] = layers;
        return ends;
    }

    private GpuSession LoadSession(SnapshotFile file, SessionOptions? expected, IDictionary<string, byte[]>? sections)
    {
        lock (_turn)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            using Session here = SnapshotReader.Load(file, this, expected, sections);
            return GpuSession.Upload(this, here);
        }
    }

    private GpuSession Check(ILanguageSession session, ReadOnlySpan<int> ids)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (session is not GpuSession own || own.Model != this) throw new ArgumentException("The session belongs to another model.", nameof(session));
        if (ids.IsEmpty) throw new ArgumentException("Expected at least one token, found none.", nameof(ids));
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)Config.VocabularySize)
                throw new ArgumentOutOfRangeException(nameof(ids), $"Expected token ids from 0 to {Config.VocabularySize - 1}, found {id}.");
        }
        own.Reserve(ids.Length);
        return own;
    }

    private void Run(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            _logits.Keep(_pass);
            RunStages();
            foreach (GpuPass.Part part in _pass.Parts) part.Session.Advance(_pass.Ids(part));
            _logits.Read(_stages[^1].Head!, _pass, _tables[^1].Asked);
        }
        catch (Exception error) when (GpuFailure.Of(error, RunsOn) is { } sentence)
        {
            throw sentence;
        }
    }

    /// <summary>Computes the layers before <see cref="EndLayer"/> of a pass of the engine, whose sessions have theirs here beside them.</summary>
    internal void RunFront(Pass pass, Activations hidden)
    {
        lock (_turn)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _pass.Clear();
            foreach (Pass.Part part in pass.Parts) _pass.Add((GpuSession)part.Session.Beside!, pass.Ids(part), null, 0, ends: false);
            RunStages();
            AcceleratorStream stream = _stages[^1].Kernels.Accelerator.DefaultStream;
            int floats = pass.Rows * Config.HiddenSize;
            _stages[^1].Kernels.Scratch.Hidden.SubView(0, floats).CopyToCPUUnsafeAsync(stream, ref _results.Span[0], floats);
            stream.Synchronize();
            _results.Span[..floats].CopyTo(hidden.Values);
            foreach (GpuPass.Part part in _pass.Parts) part.Session.Advance(_pass.Ids(part));
        }
    }

    private void RunStages()
    {
        try
        {
            foreach (GpuPass.Part part in _pass.Parts) part.Session.Own(part.Count, tokensLeave: part.Leaving > 0);
            if (_parts.Length < _pass.Parts.Length) _parts = new GpuPart[_pass.Parts.Length];
            for (int i = 0; i < _stages.Length; i++) RunStage(i);
        }
        catch (Exception error) when (GpuFailure.Of(error, RunsOn) is { } sentence)
        {
            throw sentence;
        }
    }

    private void RunStage(int index)
    {
        GpuStage stage = _stages[index];
        GpuKernels kernels = stage.Kernels;
        AcceleratorStream stream = kernels.Accelerator.DefaultStream;
        kernels.Accelerator.Bind();
        PassTable table = _tables[index];
        table.Begin(_pass.Rows);
        foreach (GpuPass.Part part in _pass.Parts)
        {
            for (int i = 0; i < part.Count; i++) table.Set(part.Row + i, _pass.Id(part.Row + i), part.Session.Position + i);
            for (int i = part.Count - part.Asked; i < part.Count; i++) table.Ask(part.Row + i);
        }
        table.Upload(stream, kernels.Scratch);
        long floats = (long)_pass.Rows * Config.HiddenSize;
        if (index == 0) kernels.Embed(stage.Head!, _pass.Rows);
        else kernels.Scratch.Hidden.SubView(0, floats).CopyFromCPUUnsafeAsync(stream, ref _carried[index]!.Span[0], floats);
        for (int n = stage.FirstLayer; n < stage.EndLayer; n++)
        {
            for (int p = 0; p < _pass.Parts.Length; p++)
            {
                GpuPass.Part part = _pass.Parts[p];
                GpuLayerState state = part.Session.Layer(n);
                _parts[p] = new GpuPart(part.Row, part.Count, (int)part.Session.Position, state.HasMemory ? part.Leaving : 0, state.Ring, state.State);
            }
            kernels.RunLayer(stage.Layer(n), _parts.AsSpan(0, _pass.Parts.Length), _pass.Rows);
        }
        if (index == _stages.Length - 1) return;
        kernels.Scratch.Hidden.SubView(0, floats).CopyToCPUUnsafeAsync(stream, ref _carried[index + 1]!.Span[0], floats);
        stream.Synchronize();
    }
}

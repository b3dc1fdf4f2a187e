using System;
using System.Buffers;
using System.Runtime.ExceptionServices;
using System.Threading;
using AhnSharp.Archive;
using AhnSharp.Gguf;
using AhnSharp.Network;

namespace AhnSharp.Sessions;

/// <summary>
/// A network on whatever computes it: weights that all sessions share, and the one pass over tokens. The
/// boundary between processor and GPU.
/// </summary>
/// <remarks>
/// What every machine does alike is here, once: checks, cutting, turns, what a pass that fails leaves behind. A machine computes one
/// pass (<see cref="Compute"/>) and makes and undoes the layers' state. Sessions belong to the model that made them; snapshots are the
/// same bytes from every kind of model. Any thread may call; passes take turns.
/// </remarks>
public abstract class LanguageModel : IDisposable
{
    private readonly Lock _turn = new();
    private readonly Pass _pass = new();
    private readonly GgufFile _file;
    private readonly GgufFile? _adapter;
    private readonly Lazy<ModelIdentity> _identity;
    private bool _disposed;

    /// <summary>Takes over the open files.</summary>
    private protected LanguageModel(GgufFile file, GgufFile? adapter, ModelConfig config, int chunkTokens)
    {
        (_file, _adapter, Config, ChunkTokens) = (file, adapter, config, chunkTokens);
        _identity = new Lazy<ModelIdentity>(() => ModelIdentity.Of(file, adapter, config.LayerCount));
    }

    /// <summary>The model's shape.</summary>
    public ModelConfig Config { get; }

    /// <summary>The file's keys: tokenizer, chat template, name.</summary>
    public GgufMetadata Metadata => _file.Metadata;

    /// <summary>Which model it is: names for people, and hashes by which a snapshot knows its model.</summary>
    public ModelIdentity Identity => _identity.Value;

    /// <summary>C, the most tokens of a pass.</summary>
    public int ChunkTokens { get; }

    /// <summary>Bytes of the file or files.</summary>
    public long FileBytes => _file.ByteLength + (_adapter?.ByteLength ?? 0);

    /// <summary>What computes, for people: "AVX-512, 2 threads", "cuda:0 (NVIDIA H200)".</summary>
    public abstract string RunsOn { get; }

    /// <summary>Bytes of the weights where they are computed with, those of the memory included.</summary>
    public abstract long WeightBytes { get; }

    /// <summary>Of those, the bytes that a generated token reads: not an embedding whose other rows are other tokens'.</summary>
    public virtual long TokenWeightBytes => WeightBytes;

    /// <summary>Bytes that passes have left allocated, shared by all sessions.</summary>
    public abstract long ScratchBytes { get; }

    /// <summary>What the processor computes of it; null: nothing.</summary>
    internal abstract ProcessorPart? Processor { get; }

    /// <summary>GB/s of the file at which the weights came to a device and were packed there; null where none takes part.</summary>
    public virtual double? UploadRate => null;

    /// <summary>
    /// GB/s at which the first device copies within its memory, reading and writing both counted; null where none takes part.
    /// </summary>
    public virtual double? MeasureCopyRate() => null;

    /// <summary>What a session with these options would be and take.</summary>
    public SessionPlan Plan(SessionOptions? options = null) => new(Config, options ?? new SessionOptions(), ChunkTokens);

    /// <summary>Starts a text.</summary>
    public LanguageSession CreateSession(SessionOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        SessionPlan plan = Plan(options);
        CheckPlan(plan);
        return new LanguageSession(this, plan);
    }

    /// <summary>Feeds tokens to a session; afterwards <see cref="LanguageSession.LastLogits"/> are those behind the last.</summary>
    /// <exception cref="OperationCanceledException">The session stands at its last whole chunk of <see cref="ChunkTokens"/>.</exception>
    /// <exception cref="ContextOverflowException">Nothing was fed: with them a layer that keeps everything would
    /// exceed its context.</exception>
    public void Forward(LanguageSession session, ReadOnlySpan<int> ids, CancellationToken cancellation = default) =>
        Forward(session, ids, null, cancellation);

    /// <summary>Feeds tokens and hands over the logits behind every one.</summary>
    public void Forward(
        LanguageSession session, ReadOnlySpan<int> ids, LogitsReader? everyRow, CancellationToken cancellation = default) =>
        Forward(session, ids, TokenPhase.Asking, everyRow, cancellation);

    /// <summary>Feeds tokens that ask the session's archive, or are only read.</summary>
    public void Forward(
        LanguageSession session, ReadOnlySpan<int> ids, TokenPhase phase, LogitsReader? everyRow = null,
        CancellationToken cancellation = default)
    {
        CheckOwner(session);
        lock (session.Gate)
        {
            Check(session, ids);
            for (int done = 0; done < ids.Length;)
            {
                int count = Math.Min(ChunkTokens, ids.Length - done);
                lock (_turn)
                {
                    _pass.Clear();
                    Exception? cause = Admit(
                        session, ids.Slice(done, count), everyRow, done, done + count == ids.Length, phase, null, false,
                        cancellation);
                    if (cause is null)
                    {
                        Run();
                        cause = _pass.FailureOf(0);
                    }
                    if (cause is not null) ExceptionDispatchInfo.Throw(cause);
                }
                done += count;
            }
        }
    }

    /// <summary>Runs one pass over rows that the caller has cut: the matrix products run over all of them together.</summary>
    /// <remarks>
    /// A sequence that is cancelled, has no room or fails by itself stands where it stood, and leaves the others' bits untouched. A pass
    /// that fails as a whole, for whatever reason, leaves every session where it stood.
    /// </remarks>
    /// <param name="batch">At most <see cref="ChunkTokens"/> tokens together, each session once.</param>
    /// <param name="outcomes">Takes what became of each.</param>
    /// <exception cref="ArgumentException">The batch is none: too many tokens, a session twice or of another
    /// model. Nothing was read.</exception>
    public void Step(ReadOnlySpan<SequenceSlice> batch, Span<StepOutcome> outcomes)
    {
        if (outcomes.Length < batch.Length)
        {
            throw new ArgumentException(
                $"Expected room for {batch.Length} outcomes, one per sequence, found {outcomes.Length}.", nameof(outcomes));
        }
        long rows = 0;
        foreach (ref readonly SequenceSlice slice in batch)
        {
            CheckOwner(slice.Session);
            rows += slice.Ids.Length;
        }
        if (rows > ChunkTokens)
        {
            throw new ArgumentException(
                $"Expected at most {ChunkTokens} tokens in a pass, as the model was loaded for, found {rows}: cut the batch.",
                nameof(batch));
        }
        LanguageSession[] entered = ArrayPool<LanguageSession>.Shared.Rent(batch.Length);
        int gates = 0;
        try
        {
            SortByNumber(batch, entered);
            for (; gates < batch.Length; gates++) entered[gates].Gate.Enter();
            lock (_turn) StepInTurn(batch, outcomes);
        }
        finally
        {
            while (gates > 0) entered[--gates].Gate.Exit();
            ArrayPool<LanguageSession>.Shared.Return(entered, clearArray: true);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_turn)
        {
            if (_disposed) return;
            _disposed = true;
            Free();
            _adapter?.Dispose();
            _file.Dispose();
        }
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Goes on from layers, ids and logits that were read from a snapshot; the layers are taken over, or freed where it fails.
    /// </summary>
    internal LanguageSession Restore(
        SessionPlan plan, HostLayer[] host, ArchiveStore? archive, ReadOnlySpan<int> tokens, ReadOnlySpan<float> logits)
    {
        LayerState[] layers = new LayerState[host.Length];
        int adopted = 0;
        try
        {
            lock (_turn)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                for (; adopted < layers.Length; adopted++) layers[adopted] = Adopt(adopted, plan, host[adopted], tokens.Length);
            }
            return new LanguageSession(this, plan, layers, archive, tokens, logits);
        }
        catch
        {
            for (int n = 0; n < host.Length; n++) (n < adopted ? layers[n] : host[n]).Dispose();
            archive?.Dispose();
            throw;
        }
    }

    /// <summary>Refuses a session that the machine cannot compute, by a sentence.</summary>
    internal void CheckPlan(SessionPlan plan)
    {
        if (plan.Archive?.HeadsFingerprint is { } wanted && Identity.Fingerprint is { } own && own != wanted)
        {
            throw new InvalidOperationException(
                $"The heads of the archive were calibrated for a base model with the fingerprint {wanted}, and this one has {own}: "
                + "calibrate this model (ahn calibrate), or leave --archive-heads out.");
        }
        if (CanArchive || (plan.Archive is null && plan.Reach == long.MaxValue)) return;
        throw new NotSupportedException(
            $"{(plan.Archive is null ? "A reach" : "An archive")} needs the processor, and this model is computed on {RunsOn}: "
            + "load it with --device cpu, or leave archive and reach out.");
    }

    /// <summary>Whether sessions here may have an archive and a reach.</summary>
    public virtual bool CanArchive => false;

    /// <summary>Does something while no pass runs.</summary>
    internal TResult InTurn<T, TResult>(T argument, Func<T, TResult> action)
    {
        lock (_turn)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return action(argument);
        }
    }

    /// <summary>[H] exp(A_log) of a layer's memory, log decay per unit of Δ, of Mamba2; none of other kinds.</summary>
    internal abstract ReadOnlySpan<double> DecayRatesOf(int layer);

    /// <summary>An empty layer of a session, where it is computed.</summary>
    internal abstract LayerState CreateLayer(int layer, SessionPlan plan);

    /// <summary>Brings a layer to where it is computed; the host's is taken over.</summary>
    private protected virtual LayerState Adopt(int layer, SessionPlan plan, HostLayer host, long position) => host;

    /// <summary>Where the logits of a session are kept.</summary>
    internal virtual LastLogits CreateLogits() => new(Config.VocabularySize);

    /// <summary>
    /// Runs a pass: writes the layers' states, <see cref="LastLogits.Next"/> of every part that asks for logits, and calls who reads every
    /// row. Whoever reads rows and throws fails alone (<see cref="Pass.Fail"/>).
    /// </summary>
    private protected abstract void Compute(Pass pass);

    /// <summary>Notes what <see cref="Undo"/> will need; nothing has been written yet.</summary>
    private protected abstract void PrepareUndo(Pass pass);

    /// <summary>Puts the layers of one part back to where they stood.</summary>
    /// <returns>Whether that could be done.</returns>
    private protected abstract bool Undo(in Pass.Part part);

    /// <summary>What a failure means for people.</summary>
    private protected virtual Exception Explain(Exception failure) => failure;

    /// <summary>Frees what the machine holds; no pass runs.</summary>
    private protected abstract void Free();

    private static void SortByNumber(ReadOnlySpan<SequenceSlice> batch, LanguageSession[] sorted)
    {
        for (int i = 0; i < batch.Length; i++)
        {
            LanguageSession session = batch[i].Session;
            int at = i;
            for (; at > 0 && sorted[at - 1].Number >= session.Number; at--)
            {
                if (sorted[at - 1] == session) throw new ArgumentException("A session may be in a batch once.", nameof(batch));
                sorted[at] = sorted[at - 1];
            }
            sorted[at] = session;
        }
    }

    private void StepInTurn(ReadOnlySpan<SequenceSlice> batch, Span<StepOutcome> outcomes)
    {
        _pass.Clear();
        for (int i = 0; i < batch.Length; i++)
        {
            ref readonly SequenceSlice slice = ref batch[i];
            Exception? cause = Admit(
                slice.Session, slice.Ids.Span, slice.EveryRow, 0, slice.WantsLogits, slice.Phase, slice.Hidden, slice.EveryHidden,
                slice.Cancellation);
            outcomes[i] = cause is null ? default : StepOutcome.Of(cause);
        }
        if (_pass.Rows > 0) Run();
        for (int i = 0, part = 0; i < batch.Length; i++)
        {
            if (outcomes[i].Cause is null && _pass.FailureOf(part++) is { } cause) outcomes[i] = StepOutcome.Of(cause);
        }
    }

    // What can be told of one sequence by itself is told before the pass: the others' rows do not change for it.
    private Exception? Admit(
        LanguageSession session, ReadOnlySpan<int> ids, LogitsReader? everyRow, int firstIndex, bool wantsLogits, TokenPhase phase,
        HiddenReader? hidden, bool everyHidden, CancellationToken cancellation)
    {
#pragma warning disable CA1031 // Whatever one sequence throws is its own outcome.
        try
        {
            Check(session, ids);
            cancellation.ThrowIfCancellationRequested();
            session.Reserve(ids.Length);
            _pass.Add(session, ids, everyRow, firstIndex, wantsLogits, phase, hidden, everyHidden, cancellation);
            return null;
        }
        catch (Exception cause)
        {
            return Explain(cause);
        }
#pragma warning restore CA1031
    }

    // All or nothing for every part: keys of an unfinished pass lie in slots that nobody looks at yet, and memories are put back.
    private void Run()
    {
        foreach (ref readonly Pass.Part part in _pass.Parts) part.Session.Enter();
        bool written = false;
#pragma warning disable CA1031 // Whatever ends a pass must not leave a session between two tokens.
        try
        {
            PrepareUndo(_pass);
            written = true;
            Compute(_pass);
        }
        catch (Exception failure)
        {
            Exception cause = Explain(failure);
            for (int i = 0; i < _pass.Parts.Length; i++) _pass.Fail(i, cause);
        }
#pragma warning restore CA1031
        for (int i = 0; i < _pass.Parts.Length; i++)
        {
            ref readonly Pass.Part part = ref _pass.Parts[i];
            part.Session.Leave();
            if (_pass.FailureOf(i) is null && part.Cancellation.IsCancellationRequested && part.EveryRow is null)
                _pass.Fail(i, new OperationCanceledException(part.Cancellation));
            if (_pass.FailureOf(i) is null) KeepSealed(i, part.Session);
            if (_pass.FailureOf(i) is not { } cause)
            {
                part.Session.Advance(_pass.Ids(part));
                continue;
            }
            part.Session.Logits.Refuse();
            if (written && !Undo(part)) part.Session.Lose(cause);
        }
    }

    // A full disk is one sequence's failure: it is undone as any other.
    private void KeepSealed(int part, LanguageSession session)
    {
#pragma warning disable CA1031 // Whatever it is must not leave a session between two tokens.
        try
        {
            session.KeepSealed();
        }
        catch (Exception failure)
        {
            _pass.Fail(part, failure);
        }
#pragma warning restore CA1031
    }

    private void CheckOwner(LanguageSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (session.Model != this) throw new ArgumentException("The session belongs to another model.", nameof(session));
    }

    private void Check(LanguageSession session, ReadOnlySpan<int> ids)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (ids.IsEmpty) throw new ArgumentException("Expected at least one token, found none.", nameof(ids));
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)Config.VocabularySize)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(ids), $"Expected token ids from 0 to {Config.VocabularySize - 1}, found {id}.");
            }
        }
        session.CheckRoom(ids.Length);
    }
}

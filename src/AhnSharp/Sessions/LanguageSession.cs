using System;
using System.Collections.Generic;
using System.Threading;
using AhnSharp.Archive;
using AhnSharp.Attention;
using AhnSharp.Files;

namespace AhnSharp.Sessions;

/// <summary>
/// All the state of one text, wherever it lies: what every layer keeps of it, the tokens that were seen, the last logits.
/// </summary>
/// <remarks>
/// Made by <see cref="LanguageModel.CreateSession"/>, advanced by its passes. Calls on several threads take turns: who asks while a
/// pass writes the session waits for its end. Forks are as independent as any two sessions: they may live on different threads and
/// end in any order. What lies on which device is the layers' affair (<see cref="LayerState"/>), so this is the one kind of session.
/// </remarks>
public sealed class LanguageSession : IDisposable
{
    private static long s_last;
    private readonly LayerState[] _layers;
    private readonly TokenHistory _history;
    private bool _inPass, _disposed;
    private Exception? _lost;

    internal LanguageSession(LanguageModel model, SessionPlan plan)
    {
        (Model, Plan, Logits) = (model, plan, model.CreateLogits());
        _history = new TokenHistory();
        _layers = new LayerState[model.Config.LayerCount];
        Archive = plan.CreateArchive();
        for (int n = 0; n < _layers.Length; n++) _layers[n] = model.CreateLayer(n, plan);
    }

    /// <summary>A session that stands behind tokens which were read before: the layers are taken over.</summary>
    internal LanguageSession(
        LanguageModel model, SessionPlan plan, LayerState[] layers, ArchiveStore? archive, ReadOnlySpan<int> tokens,
        ReadOnlySpan<float> logits)
    {
        (Model, Plan, Logits, _layers, Archive) = (model, plan, model.CreateLogits(), layers, archive);
        _history = new TokenHistory();
        _history.Reserve(tokens.Length);
        _history.Append(tokens);
        Position = tokens.Length;
        Logits.Set(logits);
    }

    private LanguageSession(LanguageSession other)
    {
        (Model, Plan, Position, Logits) = (other.Model, other.Plan, other.Position, other.Model.CreateLogits());
        other.Logits.CopyTo(Logits);
        _history = other._history.Fork();
        Archive = other.Archive?.Fork();
        _layers = new LayerState[other._layers.Length];
        for (int n = 0; n < _layers.Length; n++) _layers[n] = other._layers[n].Fork();
    }

    /// <summary>The model that made it.</summary>
    public LanguageModel Model { get; }

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

    /// <summary>Where those tokens are.</summary>
    public Tally Tally => Plan.Tally(Position);

    /// <summary>Bytes that the exact and the compressed memory take now; a fork counts what it shares with others too.</summary>
    public long StateBytes
    {
        get
        {
            lock (Gate)
            {
                long bytes = 0;
                foreach (LayerState layer in _layers) bytes += layer.ExactBytes + layer.MemoryBytes;
                return bytes;
            }
        }
    }

    /// <summary>
    /// Bytes of archived keys and values, which lie in files; 0 without an archive. What forks share counts in each.
    /// </summary>
    public long ArchiveBytes => Archive?.BlockBytes ?? 0;

    /// <summary>Bytes of the archive's index, which lies in memory.</summary>
    public long ArchiveIndexBytes => Archive?.IndexBytes ?? 0;

    /// <summary>Bytes of archived blocks that were read for answers, since the session was created, forked or loaded.</summary>
    public long ArchiveBytesRead => Archive?.BytesRead ?? 0;

    /// <summary>
    /// Bytes of the ids of all tokens: 4 per token, taken by doubling. The one thing that grows with the text in every mode.
    /// </summary>
    public long HistoryBytes => _history.ByteLength;

    /// <summary>
    /// Bytes this session has copied, since it was created, forked or loaded, because it was about to write what a fork shared with it.
    /// </summary>
    public long BytesCopied { get; private set; }

    /// <summary>The logits behind the last token fed, [vocabulary]; overwritten by the pass after the next one.</summary>
    public ReadOnlySpan<float> LastLogits => Logits.Values;

    /// <summary>The ids of the tokens seen, from a position on.</summary>
    public int[] ReadTokens(long from = 0)
    {
        lock (Gate)
        {
            Check();
            ArgumentOutOfRangeException.ThrowIfNegative(from);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(from, Position);
            return Tokens[(int)from..].ToArray();
        }
    }

    /// <summary>The ids of the tokens seen, where they lie: only under <see cref="Gate"/>, or while nobody else has the session.</summary>
    internal ReadOnlySpan<int> Tokens => _history.Ids;

    /// <summary>
    /// Held by whoever reads or writes the session's memory; taken before the model's turn, of several in the
    /// order of <see cref="Number"/>.
    /// </summary>
    internal Lock Gate { get; } = new();

    /// <summary>No other session of the process has it.</summary>
    internal long Number { get; } = Interlocked.Increment(ref s_last);

    /// <summary>Grows whenever the text is no longer the continuation of what it was.</summary>
    internal int Beginnings { get; private set; }

    internal LastLogits Logits { get; }

    /// <summary>What left the window, exactly; null: the session has none.</summary>
    internal ArchiveStore? Archive { get; }

    /// <summary>Counts which blocks are read; null: nobody counts. A fork has none.</summary>
    internal ArchiveUse? ArchiveUse { get; set; }

    /// <summary>Tokens of the blocks that <see cref="ArchiveUse"/> counted; null while nobody counts.</summary>
    internal long? RetrievedTokens => ArchiveUse is { } use ? (long)use.Blocks * Archive!.Shape.Block : null;

    /// <summary>Is told how much each head looks at some blocks; null: nobody asks. Set between passes.</summary>
    internal ArchiveHeadUse? HeadUse { get; set; }

    /// <summary>Everything the session holds, by identity: two sessions that share a part give the same object.</summary>
    internal IEnumerable<(object Part, long Bytes)> Parts
    {
        get
        {
            yield return (Logits, Logits.ByteLength);
            foreach (LayerState layer in _layers)
            {
                foreach ((object Part, long Bytes) part in layer.Parts) yield return part;
            }
            foreach ((object Part, long Bytes) part in Archive?.Parts ?? []) yield return part;
            if (_history.Buffer is { } ids) yield return (ids, ids.Buffer.ByteLength);
        }
    }

    /// <summary>Bytes that sessions take together, states, token histories and logits: what forks share is counted once.</summary>
    public static long BytesTogether(IEnumerable<LanguageSession> sessions)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        long bytes = 0;
        HashSet<object> counted = new(ReferenceEqualityComparer.Instance);
        foreach (LanguageSession session in sessions)
        {
            lock (session.Gate)
            {
                foreach ((object part, long partBytes) in session.Parts) bytes += counted.Add(part) ? partBytes : 0;
            }
        }
        return bytes;
    }

    /// <summary>An independent session that stands where this one does, in a time that does not depend on what was read.</summary>
    /// <remarks>
    /// The two share ring segments (256 tokens of a layer), memories and token history until one of them goes on; what it is about to
    /// write it copies first (<see cref="BytesCopied"/>), for a short answer one segment per layer and, once tokens leave the window,
    /// the memory. On a device a whole layer is copied.
    /// </remarks>
    public LanguageSession Fork()
    {
        lock (Gate)
        {
            Check();
            return new LanguageSession(this);
        }
    }

    /// <summary>What the session holds, layer by layer and head by head. It is looked at, not changed.</summary>
    public SessionDescription Describe()
    {
        using LanguageSession still = Fork();
        using HostLayers layers = still.ToHost();
        return SessionDescription.Of(still, layers.All);
    }

    /// <summary>Forgets the text: the session is as new.</summary>
    public void Reset()
    {
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            ThrowInPass();
            foreach (LayerState layer in _layers) layer.Clear();
            Archive?.Clear();
            _history.Clear();
            Logits.Clear();
            (Position, _lost) = (0, null);
            Beginnings++;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (Gate)
        {
            if (_disposed) return;
            ThrowInPass();
            _disposed = true;
            foreach (LayerState layer in _layers) layer.Dispose();
            Archive?.Dispose();
            _history.Dispose();
        }
    }

    /// <summary>What a layer keeps of the text.</summary>
    internal LayerState Layer(int layer) => _layers[layer];

    /// <summary>What a layer that is computed on the processor keeps of the text.</summary>
    internal HostLayer HostLayer(int layer) => (HostLayer)_layers[layer];

    /// <summary>All layers in the processor's memory, for the caller to dispose.</summary>
    internal HostLayers ToHost() => Model.InTurn(this, static session =>
    {
        HostLayer[] layers = new HostLayer[session._layers.Length];
        HostLayers all = new(layers);
        try
        {
            for (int n = 0; n < layers.Length; n++) layers[n] = session._layers[n].ToHost(session.Position);
            return all;
        }
        catch
        {
            all.Dispose();
            throw;
        }
    });

    /// <summary>Tokens that can still be read.</summary>
    internal long Room => Math.Min(Array.MaxLength, Plan.Grows ? Plan.ContextTokens : long.MaxValue) - Position;

    /// <summary>Says so where <paramref name="tokens"/> more do not fit; changes nothing.</summary>
    internal void CheckRoom(long tokens)
    {
        Check();
        long end = Position + tokens;
        if (end > Array.MaxLength)
        {
            throw new InvalidOperationException(
                $"A session keeps the ids of at most {Array.MaxLength:N0} tokens, and this one would have seen {end:N0}.");
        }
        if (Plan.Grows && end > Plan.ContextTokens) throw new ContextOverflowException(end, Plan.ContextTokens);
    }

    /// <summary>
    /// Makes everything that a pass of <paramref name="tokens"/> will write this session's alone; what was seen stays as it is.
    /// </summary>
    internal void Reserve(int tokens)
    {
        bool tokensLeave = Plan.Evicted(Position, tokens) > 0;
        BytesCopied += _history.Reserve(tokens);
        if (Archive is { } archive)
            BytesCopied += archive.Reserve(archive.Shape.Sealed(Position), archive.Shape.Sealed(Position + tokens));
        foreach (LayerState layer in _layers) BytesCopied += layer.Reserve(Position, tokens, tokensLeave);
    }

    /// <summary>A pass that writes here begins.</summary>
    internal void Enter() => _inPass = true;

    /// <summary>The pass is over.</summary>
    internal void Leave() => _inPass = false;

    /// <summary>Writes what the pass sealed, where the session has an archive; nothing has changed where that fails.</summary>
    /// <exception cref="System.IO.IOException">There is no room.</exception>
    internal void KeepSealed() => BytesCopied += Archive?.Keep() ?? 0;

    /// <summary>Reads archived blocks from now on where a fork of this session was saved, unless it has forgotten the text since.</summary>
    /// <param name="still">The fork.</param>
    /// <param name="beginnings"><see cref="Beginnings"/> before it was made.</param>
    /// <param name="origin">The file.</param>
    /// <param name="saved">Its blocks.</param>
    internal void Adopt(LanguageSession still, int beginnings, ArchiveOrigin origin, MappedRegion saved)
    {
        lock (Gate)
        {
            if (_disposed || Beginnings != beginnings || Archive is not { } archive) return;
            archive.Origin = origin;
            archive.Adopt(saved, origin.First, still.Archive!);
        }
    }

    /// <summary>The pass has succeeded: its tokens are part of the text.</summary>
    internal void Advance(ReadOnlySpan<int> ids)
    {
        _history.Append(ids);
        Position += ids.Length;
        Logits.Accept();
    }

    /// <summary>A pass failed and could not be undone: nobody may go on from here.</summary>
    internal void Lose(Exception cause) => _lost = cause;

    private void Check()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ThrowInPass();
        if (_lost is null) return;
        throw new InvalidOperationException(
            $"The text was lost when a pass failed and its device could not undo it ({_lost.Message}): reset the session, "
                + "or load its snapshot.", _lost);
    }

    // Whoever reads logits of every row is called on the thread of the pass, which has the gate.
    private void ThrowInPass()
    {
        if (_inPass) throw new InvalidOperationException("Expected a session that no pass is writing, found one in the middle of a pass.");
    }
}

using System;
using AhnSharp.Archive;
using AhnSharp.Attention;
using AhnSharp.Gguf;
using AhnSharp.Hippocampus;
using AhnSharp.Network;

namespace AhnSharp.Sessions;

/// <summary>What a session of a model will be, known and counted before anything is allocated.</summary>
public sealed class SessionPlan
{
    // Far above any window in use: sums of W, S and a chunk stay far from the end of an int.
    private const int LongestChatTokens = 1 << 29;
    private readonly ModelConfig _config;
    private readonly int _chunk;

    /// <summary>Settles the options against the model; an option that the model cannot follow is an error naming it.</summary>
    public SessionPlan(ModelConfig config, SessionOptions options, int chunkTokens)
    {
        _config = config;
        _chunk = chunkTokens;
        Kv = options.Kv;
        Mode = options.Mode ?? (config.Ahn is null ? MemoryMode.Full : MemoryMode.Ahn);
        if (Mode == MemoryMode.Ahn && config.Ahn is null)
        {
            throw new InvalidOperationException("The memory mode ahn needs an AHN memory, and this model has none: "
                + "name its adapter with --ahn, or choose --memory full or window.");
        }
        ContextTokens = options.ContextTokens ?? config.ContextLength;
        if (ContextTokens < 1)
            throw new ArgumentOutOfRangeException(nameof(options), $"Expected a context of at least 1 token, found {ContextTokens}.");
        if (Geometry(0).Problem() is { } problem) throw new InvalidModelException(problem);
        if (Mode == MemoryMode.Full)
        {
            if (options.Archive is null) return;
            throw new InvalidOperationException(
                "An archive keeps what leaves the window, and the memory mode full keeps everything: "
                + "choose --memory ahn or window, or leave the archive out.");
        }
        Window = options.Window ?? config.Ahn?.Window ?? AhnConfig.DefaultWindow;
        Sinks = options.Sinks ?? config.Ahn?.Sinks ?? AhnConfig.DefaultSinks;
        if (Window is < 1 or > LongestChatTokens)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), $"Expected a window of 1 to {LongestChatTokens} tokens, found {Window}.");
        }
        if (Sinks is < 0 or > LongestChatTokens)
            throw new ArgumentOutOfRangeException(nameof(options), $"Expected 0 to {LongestChatTokens} sinks, found {Sinks}.");
        if (options.Reach is { } reach)
        {
            if (reach < (long)Window + Sinks)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(options), $"Expected a reach of at least window and sinks, {(long)Window + Sinks} tokens, found {reach}.");
            }
            Reach = reach;
        }
        if (options.Archive is not { } archive) return;
        archive.Check();
        (Archive, ArchiveFolder) = (archive, options.ArchiveFolder);
        Shape = new ArchiveShape(
            archive, config.LayerCount, config.KvHeadCount, config.HeadDim, layer => !Geometry(layer).Grows, Sinks, Window);
    }

    /// <summary>What it keeps.</summary>
    public MemoryMode Mode { get; }

    /// <summary>W, tokens; 0 in the mode full.</summary>
    public int Window { get; }

    /// <summary>S, tokens; 0 in the mode full.</summary>
    public int Sinks { get; }

    /// <summary>Most tokens that layers with full attention take.</summary>
    public int ContextTokens { get; }

    /// <summary>Entries of the exact memory.</summary>
    public KvType Kv { get; }

    /// <summary>How the archive is kept and asked; null: there is none.</summary>
    public ArchiveOptions? Archive { get; }

    /// <summary>Where its blocks lie until the session is saved; null: the system's folder for temporary files.</summary>
    public string? ArchiveFolder { get; }

    /// <summary>(layer, key/value head) pairs that have an archive; null: there is none.</summary>
    public int? ArchiveHeads => Shape?.Heads;

    /// <summary>r, tokens; <see cref="long.MaxValue"/>: none.</summary>
    public long Reach { get; } = long.MaxValue;

    /// <summary>The archive's layout; null: there is none.</summary>
    internal ArchiveShape? Shape { get; }

    /// <summary>Bytes of archived keys and values, which lie in a file, at <paramref name="tokens"/> tokens.</summary>
    public long ArchiveBytes(long tokens) => Shape is { } shape ? shape.KeptOf(tokens) * shape.BlockBytes : 0;

    /// <summary>Bytes of the archive's index, which lies in memory, at <paramref name="tokens"/> tokens.</summary>
    public long ArchiveIndexBytes(long tokens) => Shape is { } shape ? shape.KeptOf(tokens) * shape.IndexBytes : 0;

    /// <summary>Whether there is a compressed memory.</summary>
    public bool HasMemory => Mode == MemoryMode.Ahn && _config.MemoryLayerCount > 0;

    /// <summary>Most tokens whose keys and values are held: S + W, or the whole context where something keeps everything.</summary>
    public long MaxExactTokens => Grows ? ContextTokens : (long)Window + Sinks;

    /// <summary>Bytes of exact memory when it is fullest.</summary>
    public long MaxExactBytes => ExactBytes(Grows ? ContextTokens : (long)Window + Sinks + (Archive?.BlockTokens ?? 0) + _chunk);

    /// <summary>Bytes of the session when it is fullest.</summary>
    public long MaxBytes => MaxExactBytes + MemoryBytes;

    /// <summary>Whether a session of another plan of the same model keeps the same of every text.</summary>
    internal bool KeepsAs(SessionPlan other) =>
        (Mode, Window, Sinks, Kv, ContextTokens) == (other.Mode, other.Window, other.Sinks, other.Kv, other.ContextTokens)
        && Reach == other.Reach && Equals(Archive, other.Archive);

    /// <summary>
    /// Bytes of exact memory at <paramref name="tokens"/> tokens; where no layer keeps full attention it stops growing
    /// when window and chunk are full.
    /// </summary>
    public long ExactBytes(long tokens)
    {
        long bytes = 0;
        for (int n = 0; n < _config.LayerCount; n++) bytes += Geometry(n).BytesFor(tokens);
        return bytes;
    }

    /// <summary>Bytes of keys and values that a query reads which sees <paramref name="tokens"/> tokens in every layer.</summary>
    public long ExactBytesRead(long tokens) => 2L * _config.LayerCount * _config.KvHeadCount * Geometry(0).RowBytes * tokens;

    /// <summary>Bytes of compressed memory: layers · H · D² floats.</summary>
    public long MemoryBytes => HasMemory ? 4L * _config.MemoryLayerCount * _config.HeadCount * _config.HeadDim * _config.HeadDim : 0;

    /// <summary>
    /// Bytes of the token history at <paramref name="tokens"/> tokens, 4 each, apart from what its doubling holds in reserve.
    /// </summary>
    public static long HistoryBytes(long tokens) => sizeof(int) * tokens;

    /// <summary>Bytes of exact and compressed memory at <paramref name="tokens"/> tokens, without the token history.</summary>
    public long Bytes(long tokens) => ExactBytes(tokens) + MemoryBytes;

    /// <summary>Whether something keeps every token: the mode full, or a layer with full attention.</summary>
    internal bool Grows => Mode == MemoryMode.Full || _config.Ahn?.FullAttentionLayers.Length > 0;

    /// <summary>Where the tokens of a text of this length are.</summary>
    public Tally Tally(long tokens) => TallyOf(Mode, Window, Sinks, Archive?.BlockTokens ?? 0, tokens, ArchiveDropped(tokens));

    /// <summary>Tokens that a limit has dropped from the archive again: they live on in the memory alone, or nowhere.</summary>
    public long ArchiveDropped(long tokens) => Shape is { } shape ? shape.FirstKept(shape.Sealed(tokens)) * shape.Block : 0;

    /// <summary>Where the tokens of a text are, by what its session is.</summary>
    /// <param name="mode">What it keeps.</param>
    /// <param name="window">W.</param>
    /// <param name="sinks">S.</param>
    /// <param name="block">b of its archive; 0 without one.</param>
    /// <param name="tokens">Of the text.</param>
    /// <param name="dropped">Of these, tokens that a limit has dropped from the archive.</param>
    internal static Tally TallyOf(MemoryMode mode, int window, int sinks, int block, long tokens, long dropped = 0)
    {
        long exact = mode == MemoryMode.Full ? tokens : Math.Min(tokens, (long)window + sinks), left = tokens - exact;
        long compressed = mode == MemoryMode.Ahn ? left : 0;
        return block > 0
            ? new Tally(tokens, exact + left % block, left - left % block - dropped, compressed, mode == MemoryMode.Ahn ? 0 : dropped)
            : new Tally(tokens, exact, 0, compressed, mode == MemoryMode.Window ? left : 0);
    }

    /// <summary>An empty archive; null where the session has none.</summary>
    internal ArchiveStore? CreateArchive() => Shape is { } shape ? new ArchiveStore(shape, ArchiveFolder) : null;

    /// <summary>
    /// How many of the next <paramref name="count"/> tokens, the last ones, push a token out of the window into the memory.
    /// </summary>
    internal int Evicted(long position, int count) =>
        HasMemory ? (int)Math.Clamp(position + count - Window - Sinks, 0, count) : 0;

    /// <summary>An empty layer in the processor's memory.</summary>
    internal HostLayer CreateHostLayer(int layer) =>
        new(Geometry(layer), RemembersIn(layer) ? new MemoryState(_config.HeadCount, _config.HeadDim) : null);

    /// <summary>Whether a layer has a compressed memory.</summary>
    internal bool RemembersIn(int layer) => HasMemory && _config.Ahn!.HasMemory(layer);

    /// <summary>The shape of one layer's exact memory.</summary>
    internal KvGeometry Geometry(int layer) => LayerGeometry(
        Mode, !(_config.Ahn?.HasMemory(layer) ?? true), _config.Ahn?.Rule, _config.HeadCount, _config.KvHeadCount, _config.HeadDim, Kv,
        Sinks, Window, _chunk, Archive?.BlockTokens ?? 0);

    /// <summary>The shape of a layer's exact memory by what the model and the session are.</summary>
    internal static KvGeometry LayerGeometry(
        MemoryMode mode, bool fullAttention, MemoryRule? rule, int heads, int kvHeads, int headDim, KvType kv, int sinks,
        int window, int chunk, int archiveBlock)
    {
        bool everything = mode == MemoryMode.Full || fullAttention;
        int gates = mode == MemoryMode.Ahn && !fullAttention ? heads * rule!.WriteGatesPerHead : 0;
        return new KvGeometry(kvHeads, headDim, kv, gates, everything ? 0 : sinks, everything ? 0 : window, chunk)
        {
            ArchiveBlock = everything ? 0 : archiveBlock,
        };
    }
}

using System;

namespace AhnSharp.Attention;

/// <summary>The shape of one layer's exact memory.</summary>
/// <param name="KvHeads">K, key/value heads.</param>
/// <param name="HeadDim">D, entries per head; a multiple of 32 for Q8_0.</param>
/// <param name="Type">How entries are stored.</param>
/// <param name="GatesPerToken">Floats kept beside each token for the memory it will be folded into; 0 without one.</param>
/// <param name="Sinks">S, first tokens that stay for ever. Unused where everything stays.</param>
/// <param name="Window">W, last tokens that stay; 0: everything stays, and the memory grows by segments.</param>
/// <param name="Chunk">C, tokens that may enter before the ones they push out are done with.</param>
internal readonly record struct KvGeometry(int KvHeads, int HeadDim, KvType Type, int GatesPerToken, int Sinks, int Window, int Chunk)
{
    /// <summary>Slots in a tile of keys: lane = slot, so that 16 scores come out of one register without horizontal sums.</summary>
    public const int TileSlots = 16;

    /// <summary>Largest head that the row buffers hold.</summary>
    public const int MaxHeadDim = 512;

    /// <summary>Slots of a segment, by which a memory grows and which two texts share until one of them writes it.</summary>
    public const int SegmentSlots = 256;

    /// <summary>b of an archive: tokens that left the window stay until their block is full; 0 without one.</summary>
    public int ArchiveBlock { get; init; }

    /// <summary>Whether every token stays (mode full, and layers that keep full attention).</summary>
    public bool Grows => Window == 0;

    /// <summary>Slots of the sinks, in whole tiles.</summary>
    public int SinkSlots => RoundUp(Sinks);

    /// <summary>Slots of the ring behind the sinks: window, tokens that no archived block has yet, and one chunk, in whole tiles.</summary>
    public int RingSlots => RoundUp(checked(Window + ArchiveBlock + Chunk));

    /// <summary>Slots of a fixed memory.</summary>
    public int FixedSlots => checked(SinkSlots + RingSlots);

    /// <summary>Bytes of D entries of one key or value, scales included.</summary>
    public int RowBytes => Type switch
    {
        KvType.F32 => 4 * HeadDim,
        KvType.F16 => 2 * HeadDim,
        _ => HeadDim + 2 * (HeadDim / 32),
    };

    /// <summary>Bytes of one slot: keys, values and gates of a token.</summary>
    public int SlotBytes => 2 * KvHeads * RowBytes + 4 * GatesPerToken;

    /// <summary>Bytes this layer takes for <paramref name="tokens"/> tokens: whole segments, until a fixed memory is full.</summary>
    public long BytesFor(long tokens)
    {
        long used = Grows || tokens <= Sinks ? tokens : SinkSlots + Math.Min(tokens - Sinks, RingSlots);
        long whole = used / SegmentSlots, slots = whole * SegmentSlots;
        if (used > slots) slots += SlotsOf(whole);
        return slots * SlotBytes;
    }

    /// <summary>Slots of a segment: the last of a fixed memory may have fewer.</summary>
    public int SlotsOf(long segment) => Grows ? SegmentSlots : (int)Math.Min(SegmentSlots, FixedSlots - segment * SegmentSlots);

    /// <summary>
    /// Tokens that a text of <paramref name="position"/> tokens still needs: those below Sinks, and those from Window on.
    /// </summary>
    public (long SinksEnd, long WindowStart) Held(long position)
    {
        if (Grows) return (0, 0);
        long sinks = Math.Min(Sinks, position);
        return (sinks, Math.Max(sinks, ArchiveBlock == 0 ? position - Window : Math.Min(position, FirstPending(position))));
    }

    /// <summary>
    /// The first position behind the sinks that no archived block has, once <paramref name="tokens"/> were seen.
    /// </summary>
    public long FirstPending(long tokens) => Sinks + Math.Max(0, tokens - Window - Sinks) / ArchiveBlock * ArchiveBlock;

    /// <summary>Tokens that the query at a position sees, itself among them.</summary>
    public long Visible(long position) => Grows ? position + 1 : Math.Min(position + 1, (long)Sinks + Window);

    /// <summary>The sentence for a shape that cannot be stored, or null.</summary>
    public string? Problem() =>
        HeadDim > MaxHeadDim
            ? $"Heads of {HeadDim} entries are not supported: expected at most {MaxHeadDim}."
        : Type == KvType.Q8_0 && HeadDim % 32 != 0
            ? $"Q8_0 keys and values need a head dimension that is a multiple of 32, and this model has {HeadDim}: choose f16 or f32."
            : null;

    private static int RoundUp(int slots) => checked(slots + TileSlots - 1) / TileSlots * TileSlots;
}

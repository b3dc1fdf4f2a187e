using System;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AhnSharp.Kernels;

namespace AhnSharp.Attention;

/// <summary>
/// Keys and values of consecutive tokens as rows, one token after another: the form that does not depend on how a ring lies in memory.
/// </summary>
/// <remarks>
/// A row is D entries of f32 or f16, or for Q8_0 s8 [D] then f16 scales [D/32]: <see cref="KvGeometry.RowBytes"/> bytes, little-endian.
/// Values lie so in the ring; keys lie there in tiles [D][16], the slot fastest, and are turned here.
/// </remarks>
internal static class KvRows
{
    private const int Lanes = KvGeometry.TileSlots;

    /// <summary>Reads the keys of a run of one head into [run.Count] rows.</summary>
    public static void TakeKeys(KvRing ring, int kvHead, KvRun run, Span<byte> rows) => Turn(ring, kvHead, run, rows, take: true);

    /// <summary>Writes the keys of a run of one head from [run.Count] rows.</summary>
    public static void PutKeys(KvRing ring, int kvHead, KvRun run, Span<byte> rows) => Turn(ring, kvHead, run, rows, take: false);

    /// <summary>The values of a run of one head as they lie in the ring: [run.Count] rows.</summary>
    public static Span<byte> Values(KvRing ring, int kvHead, KvRun run) =>
        ring.Segment(run.Segment).Span<byte>(ring.ValueOffset(run.Segment, kvHead, run.Slot), run.Count * ring.Geometry.RowBytes);

    /// <summary>The gates of a run, [run.Count][g] f32, as they lie in the ring.</summary>
    public static Span<byte> Gates(KvRing ring, KvRun run) =>
        ring.Segment(run.Segment).Span<byte>(ring.GatesOffset(run.Segment, run.Slot), 4 * run.Count * ring.Geometry.GatesPerToken);

    /// <summary>Rows of one type as rows of another, entry by entry; what is lost is the rounding to the new type.</summary>
    public static void Convert(ReadOnlySpan<byte> rows, KvGeometry from, Span<byte> converted, KvGeometry to)
    {
        Span<float> entries = stackalloc float[KvGeometry.MaxHeadDim];
        entries = entries[..from.HeadDim];
        int count = rows.Length / from.RowBytes;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> row = rows.Slice(i * from.RowBytes, from.RowBytes);
            Span<byte> result = converted.Slice(i * to.RowBytes, to.RowBytes);
            if (from.Type == KvType.F32) MemoryMarshal.Cast<byte, float>(row).CopyTo(entries);
            else if (from.Type == KvType.F16) TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(row), entries);
            else throw new ArgumentException("Q8_0 entries are not widened.", nameof(from));
            if (to.Type == KvType.F16) TensorPrimitives.ConvertToHalf(entries, MemoryMarshal.Cast<byte, Half>(result));
            else if (to.Type == KvType.Q8_0)
            {
                KvEntries.Quantize(
                    entries, MemoryMarshal.Cast<byte, sbyte>(result[..to.HeadDim]), MemoryMarshal.Cast<byte, Half>(result[to.HeadDim..]));
            }
            else throw new ArgumentException("Entries are not widened to F32.", nameof(to));
        }
    }

    private static void Turn(KvRing ring, int kvHead, KvRun run, Span<byte> rows, bool take)
    {
        KvGeometry geometry = ring.Geometry;
        int dim = geometry.HeadDim;
        NativeBuffer segment = ring.Segment(run.Segment);
        for (int done = 0; done < run.Count;)
        {
            int slot = run.Slot + done, lane = slot % Lanes, count = Math.Min(Lanes - lane, run.Count - done);
            long tile = ring.KeyTileOffset(run.Segment, kvHead, slot / Lanes);
            Span<byte> part = rows.Slice(done * geometry.RowBytes, count * geometry.RowBytes);
            switch (geometry.Type)
            {
                case KvType.F32: TurnTile(segment.Span<float>(tile, dim * Lanes), lane, part, 0, geometry.RowBytes, count, take); break;
                case KvType.F16: TurnTile(segment.Span<Half>(tile, dim * Lanes), lane, part, 0, geometry.RowBytes, count, take); break;
                default:
                    TurnTile(segment.Span<sbyte>(tile, dim * Lanes), lane, part, 0, geometry.RowBytes, count, take);
                    TurnTile(segment.Span<Half>(tile + dim * Lanes, dim / 32 * Lanes), lane, part, dim, geometry.RowBytes, count, take);
                    break;
            }
            done += count;
        }
    }

    // tile: [entries][16]; rows: `count` of them, rowBytes apart, the entries beginning at rowOffset of each.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // as Crc32C: snapshots are loaded in a process's first moments
    private static void TurnTile<T>(Span<T> tile, int lane, Span<byte> rows, int rowOffset, int rowBytes, int count, bool take)
        where T : unmanaged
    {
        int entries = tile.Length / Lanes;
        for (int i = 0; i < count; i++)
        {
            Span<T> row = MemoryMarshal.Cast<byte, T>(rows[(i * rowBytes + rowOffset)..])[..entries];
            if (take)
            {
                for (int e = 0; e < row.Length; e++) row[e] = tile[e * Lanes + lane + i];
            }
            else
            {
                for (int e = 0; e < row.Length; e++) tile[e * Lanes + lane + i] = row[e];
            }
        }
    }
}

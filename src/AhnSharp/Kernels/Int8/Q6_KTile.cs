using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AhnSharp.Gguf;
using AhnSharp.Kernels.Tiers;
using AhnSharp.Quants;

namespace AhnSharp.Kernels.Int8;

/// <summary>Q6_K in tiles: 16 × 256 weights d·scale·(q − 32) in 3360 bytes, as many as in the file.</summary>
/// <remarks>
/// byte 0: d, 16 halves │ 32: 8 sub-blocks of 416 bytes: 0 scales of the first and of the last 16 weights, 2 × 16 signed bytes │ 32 high
/// bits, 2 vectors (vector h holds bits 4 and 5 of k-groups 4h … 4h + 3 in bits 2i and 2i + 1 of each byte) │ 160 nibbles, 4 vectors.
/// Partials hold 4 k-groups: |Σ (q − 32)·x| ≤ 4·2·32·127 = 32512; what they wrap on the way does no harm.
/// </remarks>
internal readonly struct Q6_KTile : INarrowFormat
{
    public static GgmlType Type => GgmlType.Q6_K;

    public static int BlockLength => 256;

    public static int RowBlockBytes => Unsafe.SizeOf<BlockQ6_K>();

    public static int TileBlockBytes => SubBlocksOffset + 8 * SubBlockBytes;

    public static int SubBlocks => 8;

    public static int GroupsPerWidening => 4;

    public static bool HasMins => false;

    public static bool HasMinsOf16 => false;

    public static int Offset => 32;

    public static int ScalesOffset => SubBlocksOffset;

    public static int ScalesPerSubBlock => 2;

    public static int MinsOffset => 0;

    public static int SubBlocksOffset => 32;

    public static int SubBlockBytes => VectorsOffset + 6 * 64;

    public static int ScalesStride => SubBlockBytes;

    private static int VectorsOffset => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(FourRows rows, nint lane, ref byte tile)
    {
        FourRows.Write(rows.Halves(208), ref tile, 2 * lane);
        rows.Words(192, out Vector128<uint> s0, out Vector128<uint> s1, out Vector128<uint> s2, out Vector128<uint> s3);
        TileBits.PackScalesOf16(s0, SubBlocksOffset + lane, SubBlockBytes, ref tile);
        TileBits.PackScalesOf16(s1, SubBlocksOffset + (2 * SubBlockBytes) + lane, SubBlockBytes, ref tile);
        TileBits.PackScalesOf16(s2, SubBlocksOffset + (4 * SubBlockBytes) + lane, SubBlockBytes, ref tile);
        TileBits.PackScalesOf16(s3, SubBlocksOffset + (6 * SubBlockBytes) + lane, SubBlockBytes, ref tile);
        for (nint half = 0; half < 2; half++)
        {
            // 128 weights: sub-blocks 0 and 2, then 1 and 3, share the bytes of their nibbles, all four those of their high bits.
            nint first = SubBlocksOffset + (4 * half * SubBlockBytes) + VectorsOffset + (4 * lane);
            TileBits.PackNibbles(rows, 64 * half, first + 128, first + 128 + (2 * SubBlockBytes), ref tile);
            TileBits.PackNibbles(rows, (64 * half) + 32, first + 128 + SubBlockBytes, first + 128 + (3 * SubBlockBytes), ref tile);
            TileBits.PackBitPairs(rows, 128 + (32 * half), first, SubBlockBytes, ref tile);
            TileBits.PackBitPairs(rows, 128 + (32 * half) + 16, first + 64, SubBlockBytes, ref tile);
        }
    }

    // Activations in blocks of 256 hold −32·Σx for every 16 k.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Start<V, T>(V pairs) where V : struct where T : struct, ITier<V> => T.PartialFromPairs(pairs);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<V, T>(ref readonly byte tile, nint subBlock, int pair, out V even, out V odd)
        where V : struct where T : struct, ITier<V>
    {
        V q = T.Load(in tile, subBlock + VectorsOffset + 128 + 64 * pair), nibble = T.Splat(0x0F);
        V h = T.Load(in tile, subBlock + VectorsOffset + 64 * (pair / 2)), two = T.Splat(0x30);
        V evenHigh = pair % 2 == 0 ? T.ShiftLeft16(h, 4) : h;
        V oddHigh = pair % 2 == 0 ? T.ShiftLeft16(h, 2) : T.ShiftRight16(h, 2);
        even = T.Or(T.And(q, nibble), T.And(evenHigh, two));
        odd = T.Or(T.And(T.ShiftRight16(q, 4), nibble), T.And(oddHigh, two));
    }
}

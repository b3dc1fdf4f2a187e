using System.Runtime.CompilerServices;
using AhnSharp.Gguf;
using AhnSharp.Kernels.Tiers;
using AhnSharp.Quants;

namespace AhnSharp.Kernels.Int8;

/// <summary>
/// Q5_K in tiles: 16 × 256 weights d·scale·q − dmin·min in 2880 bytes, 2.3 % more than in the file (6-bit scales and mins become bytes).
/// </summary>
/// <remarks>
/// byte 0: <see cref="SixBitFields"/> │ 320: 8 sub-blocks, each one vector of fifth bits (bit g of a byte = k-group g) and 4 vectors of
/// nibbles. Partials hold 4 k-groups: |Σ q·x| ≤ 4·2·31·127 = 31496.
/// </remarks>
internal readonly struct Q5_KTile : INarrowFormat
{
    public static GgmlType Type => GgmlType.Q5_K;

    public static int BlockLength => 256;

    public static int RowBlockBytes => Unsafe.SizeOf<BlockQ5_K>();

    public static int TileBlockBytes => SubBlocksOffset + 8 * SubBlockBytes;

    public static int SubBlocks => 8;

    public static int GroupsPerWidening => 4;

    public static bool HasMins => true;

    public static bool HasMinsOf16 => false;

    public static int Offset => 0;

    public static int ScalesOffset => SixBitFields.ScalesOffset;

    public static int ScalesPerSubBlock => 1;

    public static int MinsOffset => SixBitFields.MinsOffset;

    public static int SubBlocksOffset => SixBitFields.Bytes;

    public static int SubBlockBytes => 64 + 4 * 64;

    public static int ScalesStride => SixBitFields.ScalesStride;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(FourRows rows, nint lane, ref byte tile)
    {
        SixBitFields.Pack(rows, lane, ref tile);
        TileBits.PackBits(rows, 16, SubBlocksOffset + (4 * lane), SubBlockBytes, ref tile);
        for (nint pair = 0; pair < SubBlocks / 2; pair++)
        {
            nint first = SubBlocksOffset + (2 * pair * SubBlockBytes) + 64 + (4 * lane);
            TileBits.PackNibbles(rows, 48 + (32 * pair), first, first + SubBlockBytes, ref tile);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Start<V, T>(V pairs) where V : struct where T : struct, ITier<V> => T.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<V, T>(ref readonly byte tile, nint subBlock, int pair, out V even, out V odd)
        where V : struct where T : struct, ITier<V>
        => UnpackFiveBits<V, T>(in tile, subBlock, pair, out even, out odd);

    /// <summary>
    /// Nibbles with the fifth bits of Q5_K, Q5_0 and Q5_1: bit g moves to bit 4 of its byte; what crosses from another byte is masked away.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackFiveBits<V, T>(ref readonly byte tile, nint subBlock, int pair, out V even, out V odd)
        where V : struct where T : struct, ITier<V>
    {
        V q = T.Load(in tile, subBlock + 64 + 64 * pair), nibble = T.Splat(0x0F);
        V h = T.Load(in tile, subBlock), fifth = T.Splat(0x10);
        V evenHigh = pair switch { 0 => T.ShiftLeft16(h, 4), 1 => T.ShiftLeft16(h, 2), 2 => h, _ => T.ShiftRight16(h, 2) };
        V oddHigh =
            pair switch { 0 => T.ShiftLeft16(h, 3), 1 => T.ShiftLeft16(h, 1), 2 => T.ShiftRight16(h, 1), _ => T.ShiftRight16(h, 3) };
        even = T.Or(T.And(q, nibble), T.And(evenHigh, fifth));
        odd = T.Or(T.And(T.ShiftRight16(q, 4), nibble), T.And(oddHigh, fifth));
    }
}

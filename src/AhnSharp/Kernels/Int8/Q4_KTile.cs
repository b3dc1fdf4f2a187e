using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;
using AhnSharp.Kernels.Tiers;
using AhnSharp.Quants;

namespace AhnSharp.Kernels.Int8;

/// <summary>Q4_K in tiles: 16 × 256 weights d·scale·q − dmin·min in 2368 bytes, 2.8 % more than in the file (6-bit scales and mins become bytes).</summary>
/// <remarks>byte 0: d, 16 halves │ 32: dmin, 16 halves │ 64: scales, 8 × 16 bytes │ 192: mins, 4 × 16 × (sub-block 2j, 2j + 1) │
/// 320: 8 sub-blocks of 4 vectors of nibbles. Partials hold 8 k-groups: |Σ q·x| ≤ 8·2·15·127 = 30480.</remarks>
internal readonly struct Q4_KTile : INarrowFormat
{
    public static GgmlType Type => GgmlType.Q4_K;

    public static int BlockLength => 256;

    public static int RowBlockBytes => Unsafe.SizeOf<BlockQ4_K>();

    public static int TileBlockBytes => SubBlocksOffset + 8 * SubBlockBytes;

    public static int SubBlocks => 8;

    public static int GroupsPerWidening => 8;

    public static bool HasMins => true;

    public static bool HasOffset => false;

    public static int ScalesOffset => 64;

    public static int ScalesPerSubBlock => 1;

    public static int MinsOffset => 192;

    public static int SubBlocksOffset => 320;

    public static int SubBlockBytes => 4 * 64;

    public static int ScalesStride => 16;

    public static void Pack(ReadOnlySpan<byte> rowBlock, int lane, Span<byte> tileBlock)
    {
        ref readonly BlockQ4_K block = ref MemoryMarshal.AsRef<BlockQ4_K>(rowBlock);
        TileBits.WriteHalf(tileBlock, lane, block.D);
        TileBits.WriteHalf(tileBlock[32..], lane, block.DMin);
        ReadOnlySpan<byte> qs = block.Qs;
        for (int s = 0; s < SubBlocks; s++)
        {
            (int scale, int min) = block.ScaleAndMin(s);
            tileBlock[ScalesOffset + 16 * s + lane] = (byte)scale;
            tileBlock[MinsOffset + 32 * (s / 2) + 2 * lane + s % 2] = (byte)min;
            TileBits.PackNibbles(qs[(32 * (s / 2))..], s % 2 == 1, lane, tileBlock[(SubBlocksOffset + SubBlockBytes * s)..]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Start<V, T>(V pairs) where V : struct where T : struct, ITier<V> => T.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<V, T>(ref readonly byte tile, nint subBlock, int pair, out V even, out V odd)
        where V : struct where T : struct, ITier<V>
        => Q4_0Tile.Unpack<V, T>(in tile, subBlock, pair, out even, out odd);
}

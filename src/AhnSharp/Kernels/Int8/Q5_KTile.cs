using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;
using AhnSharp.Kernels.Tiers;
using AhnSharp.Quants;

namespace AhnSharp.Kernels.Int8;

/// <summary>Q5_K in tiles: 16 × 256 weights d·scale·q − dmin·min in 2880 bytes, 2.3 % more than in the file (6-bit scales and mins become bytes).</summary>
/// <remarks>byte 0: d, 16 halves │ 32: dmin, 16 halves │ 64: scales, 8 × 16 bytes │ 192: mins, 4 × 16 × (sub-block 2j, 2j + 1) │
/// 320: 8 sub-blocks, each one vector of fifth bits (bit g of a byte = k-group g) and 4 vectors of nibbles.
/// Partials hold 4 k-groups: |Σ q·x| ≤ 4·2·31·127 = 31496.</remarks>
internal readonly struct Q5_KTile : INarrowFormat
{
    public static GgmlType Type => GgmlType.Q5_K;

    public static int BlockLength => 256;

    public static int RowBlockBytes => Unsafe.SizeOf<BlockQ5_K>();

    public static int TileBlockBytes => SubBlocksOffset + 8 * SubBlockBytes;

    public static int SubBlocks => 8;

    public static int GroupsPerWidening => 4;

    public static bool HasMins => true;

    public static bool HasOffset => false;

    public static int ScalesOffset => 64;

    public static int ScalesPerSubBlock => 1;

    public static int MinsOffset => 192;

    public static int SubBlocksOffset => 320;

    public static int SubBlockBytes => 64 + 4 * 64;

    public static int ScalesStride => 16;

    public static void Pack(ReadOnlySpan<byte> rowBlock, int lane, Span<byte> tileBlock)
    {
        ref readonly BlockQ5_K block = ref MemoryMarshal.AsRef<BlockQ5_K>(rowBlock);
        TileBits.WriteHalf(tileBlock, lane, block.D);
        TileBits.WriteHalf(tileBlock[32..], lane, block.DMin);
        ReadOnlySpan<byte> qs = block.Qs, qh = block.Qh;
        for (int s = 0; s < SubBlocks; s++)
        {
            (int scale, int min) = block.ScaleAndMin(s);
            tileBlock[ScalesOffset + 16 * s + lane] = (byte)scale;
            tileBlock[MinsOffset + 32 * (s / 2) + 2 * lane + s % 2] = (byte)min;
            Span<byte> subBlock = tileBlock[(SubBlocksOffset + SubBlockBytes * s)..];
            uint high = 0;
            for (int g = 0; g < 8; g++) high |= (TileBits.Word(qh, 4 * g) >> s & 0x01010101) << g;
            TileBits.WriteWord(subBlock, 4 * lane, high);
            TileBits.PackNibbles(qs[(32 * (s / 2))..], s % 2 == 1, lane, subBlock[64..]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Start<V, T>(V pairs) where V : struct where T : struct, ITier<V> => T.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<V, T>(ref readonly byte tile, nint subBlock, int pair, out V even, out V odd)
        where V : struct where T : struct, ITier<V>
        => UnpackFiveBits<V, T>(in tile, subBlock, pair, out even, out odd);

    /// <summary>Nibbles with the fifth bits of Q5_K and Q5_0: bit g moves to bit 4 of its byte; what crosses from another byte is masked away.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackFiveBits<V, T>(ref readonly byte tile, nint subBlock, int pair, out V even, out V odd)
        where V : struct where T : struct, ITier<V>
    {
        V q = T.Load(in tile, subBlock + 64 + 64 * pair), nibble = T.Splat(0x0F);
        V h = T.Load(in tile, subBlock), fifth = T.Splat(0x10);
        V evenHigh = pair switch { 0 => T.ShiftLeft16(h, 4), 1 => T.ShiftLeft16(h, 2), 2 => h, _ => T.ShiftRight16(h, 2) };
        V oddHigh = pair switch { 0 => T.ShiftLeft16(h, 3), 1 => T.ShiftLeft16(h, 1), 2 => T.ShiftRight16(h, 1), _ => T.ShiftRight16(h, 3) };
        even = T.Or(T.And(q, nibble), T.And(evenHigh, fifth));
        odd = T.Or(T.And(T.ShiftRight16(q, 4), nibble), T.And(oddHigh, fifth));
    }
}

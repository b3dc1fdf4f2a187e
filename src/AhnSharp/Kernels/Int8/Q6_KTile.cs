using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;
using AhnSharp.Kernels.Tiers;
using AhnSharp.Quants;

namespace AhnSharp.Kernels.Int8;

/// <summary>Q6_K in tiles: 16 × 256 weights d·scale·(q − 32) in 3360 bytes, as many as in the file.</summary>
/// <remarks>byte 0: d, 16 halves │ 32: 8 sub-blocks of 416 bytes: 0 scales of the first and of the last 16 weights, 2 × 16 signed bytes │
/// 32 high bits, 2 vectors (vector h holds bits 4 and 5 of k-groups 4h … 4h + 3 in bits 2i and 2i + 1 of each byte) │ 160 nibbles, 4 vectors.
/// Partials hold 4 k-groups: |Σ (q − 32)·x| ≤ 4·2·32·127 = 32512; what they wrap on the way does no harm.</remarks>
internal readonly struct Q6_KTile : INarrowFormat
{
    public static GgmlType Type => GgmlType.Q6_K;

    public static int BlockLength => 256;

    public static int RowBlockBytes => Unsafe.SizeOf<BlockQ6_K>();

    public static int TileBlockBytes => SubBlocksOffset + 8 * SubBlockBytes;

    public static int SubBlocks => 8;

    public static int GroupsPerWidening => 4;

    public static bool HasMins => false;

    public static bool HasOffset => true;

    public static int ScalesOffset => SubBlocksOffset;

    public static int ScalesPerSubBlock => 2;

    public static int MinsOffset => 0;

    public static int SubBlocksOffset => 32;

    public static int SubBlockBytes => VectorsOffset + 6 * 64;

    public static int ScalesStride => SubBlockBytes;

    private static int VectorsOffset => 32;

    public static void Pack(ReadOnlySpan<byte> rowBlock, int lane, Span<byte> tileBlock)
    {
        ref readonly BlockQ6_K block = ref MemoryMarshal.AsRef<BlockQ6_K>(rowBlock);
        TileBits.WriteHalf(tileBlock, lane, block.D);
        ReadOnlySpan<byte> ql = block.Ql, qh = block.Qh;
        for (int s = 0; s < SubBlocks; s++)
        {
            int half = s / 4, quarter = s % 4;
            Span<byte> subBlock = tileBlock[(SubBlocksOffset + SubBlockBytes * s)..];
            subBlock[lane] = (byte)block.Scales[2 * s];
            subBlock[16 + lane] = (byte)block.Scales[2 * s + 1];
            for (int h = 0; h < 2; h++)
            {
                uint high = 0;
                for (int i = 0; i < 4; i++) high |= (TileBits.Word(qh, 32 * half + 16 * h + 4 * i) >> (2 * quarter) & 0x03030303) << (2 * i);
                TileBits.WriteWord(subBlock, VectorsOffset + 64 * h + 4 * lane, high);
            }
            TileBits.PackNibbles(ql[(64 * half + 32 * (quarter % 2))..], quarter >= 2, lane, subBlock[(VectorsOffset + 2 * 64)..]);
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

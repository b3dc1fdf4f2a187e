using System;
using System.Runtime.CompilerServices;
using AhnSharp.Kernels.Tiers;

namespace AhnSharp.Kernels.Int8;

/// <summary>
/// Tiles of signed 8-bit weights (Q8_0, and IQ4 by its table) times int8 activations, exactly: y = Σ over
/// sub-blocks of 32 of scale·dx·Σ q·x.
/// </summary>
/// <remarks>
/// Lane = row. Two products of 8 bits fill 16, so nothing can be added up there: weights are spread to i16 pairs (k0, k2),
/// (k1, k3) by three shifts a 64 bytes and multiplied by pairs of activations into i32, or by sdot where the tier has it. A
/// weight of −128 is as good as any.
/// </remarks>
/// <typeparam name="V">A register.</typeparam>
/// <typeparam name="T">The tier.</typeparam>
/// <typeparam name="F">The format.</typeparam>
internal sealed class WideTile<V, T, F> : TokenBlockKernel
    where V : struct
    where T : struct, ITier<V>
    where F : struct, IWideFormat
{
    private const int Word = sizeof(int);
    private const int ScaleLength = 32;

    public override ActivationForm Form => T.HasDotS8 ? ActivationForm.Bytes32 : ActivationForm.Words32;

    public override long TileBytes(int columns) => (long)(columns / F.BlockLength) * F.TileBlockBytes;

    public override void Pack(ReadOnlySpan<byte> rows, int columns, ref byte tile) =>
        TileBits.PackRows<F>(rows, columns / F.BlockLength, ref tile);

    public override void Multiply4(ref readonly byte tile, int columns, scoped in ActivationBlock x, ref float sums)
    {
        ref byte to = ref Unsafe.As<float, byte>(ref sums);
        for (nint part = 0; part < Rows; part += T.Lanes)
        {
            for (int t = 0; t < 4; t++) T.Store(T.Zero, ref to, Word * (Rows * t + part));
        }
        int blocks = columns / F.BlockLength;
        for (int from = 0; from < blocks; from += Piece)
        {
            int end = Math.Min(blocks, from + Piece);
            for (nint part = 0; part < Rows; part += T.Lanes) Multiply4(in tile, in x, from, end, part, ref to);
        }
    }

    public override void Multiply1(ref readonly byte tile, int columns, scoped in ActivationBlock x, ref float sums)
    {
        ref byte to = ref Unsafe.As<float, byte>(ref sums);
        for (nint part = 0; part < Rows; part += T.Lanes) T.Store(T.Zero, ref to, Word * part);
        int blocks = columns / F.BlockLength;
        for (int from = 0; from < blocks; from += Piece)
        {
            int end = Math.Min(blocks, from + Piece);
            for (nint part = 0; part < Rows; part += T.Lanes) Multiply1(in tile, in x, from, end, part, ref to);
        }
    }

    public override int UnpackedBytes => T.HasManyRegisters ? PieceColumns * Rows * (T.HasDotS8 ? 1 : 2) : 0;

    // Unpacked: [k-group][16 rows] 4 × i8 for sdot, else [k-group][2][16 rows] i16 pairs, in the order of the activations.
    public override void Unpack(ref readonly byte tile, int column, int count, ref byte unpacked)
    {
        int first = column / F.BlockLength, end = first + (count / F.BlockLength);
        ref byte to = ref unpacked;
        V table = F.Table<V, T>();
        for (int block = first; block < end; block++)
        {
            ref readonly byte w = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tile), (nint)block * F.TileBlockBytes);
            for (int pair = 0; pair < 4 * F.SubBlocks; pair++)
            {
                nint vectors = F.VectorsOffset + ((nint)(pair / 4) * F.SubBlockStride) + ((nint)(pair % 4) * F.PairBytes);
                for (nint row = 0; row < 64; row += Word * T.Lanes)
                {
                    F.Unpack<V, T>(in w, vectors + row, table, out V even, out V odd);
                    StoreUnpacked(even, ref to, row);
                    StoreUnpacked(odd, ref to, WeightBytes + row);
                }
                to = ref Unsafe.AddByteOffset(ref to, 2 * WeightBytes);
            }
        }
    }

    public override void Multiply8(
        ref readonly byte tile, ref readonly byte unpacked, int column, int count, int columns, scoped in ActivationBlock x, int tokens,
        ref byte integers, ref float sums)
    {
        int block = column / F.BlockLength;
        ref readonly byte w = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tile), (nint)block * F.TileBlockBytes);
        EightTokens eight = new(in x, columns, GroupBytes, ScaleLength, 0, 0, block * F.SubBlocks);
        ref byte to = ref Unsafe.As<float, byte>(ref sums);
        for (int token = 0; token < tokens; token += 8)
        {
            for (nint part = 0; part < Rows; part += T.Lanes) Multiply8(in w, in unpacked, count / F.BlockLength, in eight, part, ref to);
            eight.Advance();
            to = ref Unsafe.AddByteOffset(ref to, 8 * 64);
        }
    }

    // Bytes of 16 rows of an unpacked k-group.
    private static int WeightBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => T.HasDotS8 ? 64 : 128;
    }

    // Bytes of the activations of one k-group of one token.
    private static int GroupBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => T.HasDotS8 ? Word : 2 * Word;
    }

    // As in NarrowTile: registers narrower than a tile pass over it in pieces of 256 weights per row.
    private static int Piece => T.Lanes == Rows ? int.MaxValue : 256 / F.BlockLength;

    // Rows lane … lane + Lanes − 1 of blocks from … end − 1, 4 tokens; adds to the sums.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply4(ref readonly byte tile, scoped in ActivationBlock x, int from, int end, nint lane, ref byte sums)
    {
        if (T.Lanes == Rows) lane = 0; // a constant folds into the addresses
        ref byte w = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tile), (nint)from * F.TileBlockBytes);
        ref byte xq = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in x.Values), (nint)from * F.SubBlocks * 8 * 4 * GroupBytes);
        ref byte xScales = ref Unsafe.AddByteOffset(
            ref Unsafe.As<float, byte>(ref Unsafe.AsRef(in x.Scales)), (nint)from * F.SubBlocks * 4 * Word);
        nint row = Word * lane;
        V y0 = T.Load(in sums, row), y1 = T.Load(in sums, row + 64), y2 = T.Load(in sums, row + 128), y3 = T.Load(in sums, row + 192);
        V table = F.Table<V, T>();
        for (int block = from; block < end; block++)
        {
            V d = F.SubBlocks == 1 ? T.LoadF16(in w, 2 * lane) : T.LoadSmallF16(in w, 2 * lane);
            nint vectors = F.VectorsOffset + row;
            for (int sub = 0; sub < F.SubBlocks; sub++)
            {
                V i0 = T.Zero, i1 = T.Zero, i2 = T.Zero, i3 = T.Zero;
                for (nint half = 0; half < 2; half++) // all 8 groups in a row are more calls than the JIT is ready to inline
                {
                    nint at = vectors + (half * 2 * F.PairBytes);
                    Pair4(in w, at, table, in xq, 0, ref i0, ref i1, ref i2, ref i3);
                    Pair4(in w, at + F.PairBytes, table, in xq, 1, ref i0, ref i1, ref i2, ref i3);
                    xq = ref Unsafe.AddByteOffset(ref xq, 4 * 4 * GroupBytes);
                }
                V scale = F.Scale<V, T>(in w, sub, lane, d);
                y0 = T.MultiplyAddF32(T.ConvertI32ToF32(i0), T.MultiplyF32(scale, T.Broadcast32(in xScales, 0)), y0);
                y1 = T.MultiplyAddF32(T.ConvertI32ToF32(i1), T.MultiplyF32(scale, T.Broadcast32(in xScales, Word)), y1);
                y2 = T.MultiplyAddF32(T.ConvertI32ToF32(i2), T.MultiplyF32(scale, T.Broadcast32(in xScales, 2 * Word)), y2);
                y3 = T.MultiplyAddF32(T.ConvertI32ToF32(i3), T.MultiplyF32(scale, T.Broadcast32(in xScales, 3 * Word)), y3);
                xScales = ref Unsafe.AddByteOffset(ref xScales, 4 * Word);
                vectors += F.SubBlockStride;
            }
            w = ref Unsafe.AddByteOffset(ref w, F.TileBlockBytes);
        }
        T.Store(y0, ref sums, row);
        T.Store(y1, ref sums, row + 64);
        T.Store(y2, ref sums, row + 128);
        T.Store(y3, ref sums, row + 192);
    }

    // The same for 1 token; two sums, so that one addition need not wait for the one before.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply1(ref readonly byte tile, scoped in ActivationBlock x, int from, int end, nint lane, ref byte sums)
    {
        if (T.Lanes == Rows) lane = 0;
        ref byte w = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tile), (nint)from * F.TileBlockBytes);
        ref byte xq = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in x.Values), (nint)from * F.SubBlocks * 8 * GroupBytes);
        ref byte xScales = ref Unsafe.AddByteOffset(
            ref Unsafe.As<float, byte>(ref Unsafe.AsRef(in x.Scales)), (nint)from * F.SubBlocks * Word);
        nint row = Word * lane;
        V y0 = T.Load(in sums, row);
        V table = F.Table<V, T>();
        for (int block = from; block < end; block++)
        {
            V d = F.SubBlocks == 1 ? T.LoadF16(in w, 2 * lane) : T.LoadSmallF16(in w, 2 * lane);
            nint vectors = F.VectorsOffset + row;
            for (int sub = 0; sub < F.SubBlocks; sub++)
            {
                V a = T.Zero, b = T.Zero;
                for (nint half = 0; half < 2; half++)
                {
                    nint at = vectors + (half * 2 * F.PairBytes);
                    Pair1(in w, at, table, in xq, 0, ref a, ref b);
                    Pair1(in w, at + F.PairBytes, table, in xq, 1, ref a, ref b);
                    xq = ref Unsafe.AddByteOffset(ref xq, 4 * GroupBytes);
                }
                V scale = F.Scale<V, T>(in w, sub, lane, d);
                y0 = T.MultiplyAddF32(T.ConvertI32ToF32(T.AddI32(a, b)), T.MultiplyF32(scale, T.Broadcast32(in xScales, 0)), y0);
                xScales = ref Unsafe.AddByteOffset(ref xScales, Word);
                vectors += F.SubBlockStride;
            }
            w = ref Unsafe.AddByteOffset(ref w, F.TileBlockBytes);
        }
        T.Store(y0, ref sums, row);
    }

    // Rows lane … lane + Lanes − 1 of the blocks of a piece, 8 tokens; adds to the sums.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply8(
        ref readonly byte tile, ref readonly byte unpacked, int blocks, scoped in EightTokens x, nint lane, ref byte sums)
    {
        if (T.Lanes == Rows) lane = 0;
        nint row = Word * lane;
        ref byte w = ref Unsafe.AsRef(in tile), q = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in unpacked), row);
        ref byte xq = ref Unsafe.AsRef(in x.First.Values), xr = ref Unsafe.AsRef(in x.Second.Values);
        ref byte xqScales = ref Unsafe.As<float, byte>(ref Unsafe.AsRef(in x.First.Scales)),
            xrScales = ref Unsafe.As<float, byte>(ref Unsafe.AsRef(in x.Second.Scales));
        V y0 = T.Load(in sums, row), y1 = T.Load(in sums, row + 64), y2 = T.Load(in sums, row + 128), y3 = T.Load(in sums, row + 192);
        V y4 = T.Load(in sums, row + 256), y5 = T.Load(in sums, row + 320), y6 = T.Load(in sums, row + 384),
            y7 = T.Load(in sums, row + 448);
        for (int block = 0; block < blocks; block++)
        {
            V d = F.SubBlocks == 1 ? T.LoadF16(in w, 2 * lane) : T.LoadSmallF16(in w, 2 * lane);
            for (int sub = 0; sub < F.SubBlocks; sub++)
            {
                V i0 = T.Zero, i1 = T.Zero, i2 = T.Zero, i3 = T.Zero, i4 = T.Zero, i5 = T.Zero, i6 = T.Zero, i7 = T.Zero;
                for (nint pair = 0; pair < 4; pair++)
                {
                    Unpacked4(in q, 0, in xq, 0, ref i0, ref i1, ref i2, ref i3);
                    Unpacked4(in q, 0, in xr, 0, ref i4, ref i5, ref i6, ref i7);
                    Unpacked4(in q, WeightBytes, in xq, 4 * GroupBytes, ref i0, ref i1, ref i2, ref i3);
                    Unpacked4(in q, WeightBytes, in xr, 4 * GroupBytes, ref i4, ref i5, ref i6, ref i7);
                    q = ref Unsafe.AddByteOffset(ref q, 2 * WeightBytes);
                    xq = ref Unsafe.AddByteOffset(ref xq, 2 * 4 * GroupBytes);
                    xr = ref Unsafe.AddByteOffset(ref xr, 2 * 4 * GroupBytes);
                }
                V scale = F.Scale<V, T>(in w, sub, lane, d);
                y0 = T.MultiplyAddF32(T.ConvertI32ToF32(i0), T.MultiplyF32(scale, T.Broadcast32(in xqScales, 0)), y0);
                y1 = T.MultiplyAddF32(T.ConvertI32ToF32(i1), T.MultiplyF32(scale, T.Broadcast32(in xqScales, Word)), y1);
                y2 = T.MultiplyAddF32(T.ConvertI32ToF32(i2), T.MultiplyF32(scale, T.Broadcast32(in xqScales, 2 * Word)), y2);
                y3 = T.MultiplyAddF32(T.ConvertI32ToF32(i3), T.MultiplyF32(scale, T.Broadcast32(in xqScales, 3 * Word)), y3);
                y4 = T.MultiplyAddF32(T.ConvertI32ToF32(i4), T.MultiplyF32(scale, T.Broadcast32(in xrScales, 0)), y4);
                y5 = T.MultiplyAddF32(T.ConvertI32ToF32(i5), T.MultiplyF32(scale, T.Broadcast32(in xrScales, Word)), y5);
                y6 = T.MultiplyAddF32(T.ConvertI32ToF32(i6), T.MultiplyF32(scale, T.Broadcast32(in xrScales, 2 * Word)), y6);
                y7 = T.MultiplyAddF32(T.ConvertI32ToF32(i7), T.MultiplyF32(scale, T.Broadcast32(in xrScales, 3 * Word)), y7);
                xqScales = ref Unsafe.AddByteOffset(ref xqScales, 4 * Word);
                xrScales = ref Unsafe.AddByteOffset(ref xrScales, 4 * Word);
            }
            w = ref Unsafe.AddByteOffset(ref w, F.TileBlockBytes);
        }
        T.Store(y0, ref sums, row);
        T.Store(y1, ref sums, row + 64);
        T.Store(y2, ref sums, row + 128);
        T.Store(y3, ref sums, row + 192);
        T.Store(y4, ref sums, row + 256);
        T.Store(y5, ref sums, row + 320);
        T.Store(y6, ref sums, row + 384);
        T.Store(y7, ref sums, row + 448);
    }

    // One unpacked k-group, 4 tokens.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Unpacked4(ref readonly byte q, nint weights, ref readonly byte xq, nint at, ref V i0, ref V i1, ref V i2, ref V i3)
    {
        if (T.HasDotS8)
        {
            V bytes = T.Load(in q, weights);
            i0 = T.DotS8(i0, bytes, T.Broadcast32(in xq, at));
            i1 = T.DotS8(i1, bytes, T.Broadcast32(in xq, at + Word));
            i2 = T.DotS8(i2, bytes, T.Broadcast32(in xq, at + 2 * Word));
            i3 = T.DotS8(i3, bytes, T.Broadcast32(in xq, at + 3 * Word));
            return;
        }
        T.AccumulatePairsI16(
            T.Load(in q, weights),
            T.Broadcast32(in xq, at), T.Broadcast32(in xq, at + Word), T.Broadcast32(in xq, at + 2 * Word),
            T.Broadcast32(in xq, at + 3 * Word),
            ref i0, ref i1, ref i2, ref i3);
        T.AccumulatePairsI16(
            T.Load(in q, weights + 64),
            T.Broadcast32(in xq, at + 4 * Word), T.Broadcast32(in xq, at + 5 * Word), T.Broadcast32(in xq, at + 6 * Word),
            T.Broadcast32(in xq, at + 7 * Word),
            ref i0, ref i1, ref i2, ref i3);
    }

    // Two k-groups, 4 tokens.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pair4(
        ref readonly byte w, nint vectors, V table, ref readonly byte xq, int pair, ref V i0, ref V i1, ref V i2, ref V i3)
    {
        F.Unpack<V, T>(in w, vectors, table, out V even, out V odd);
        nint at = pair * 2 * 4 * GroupBytes;
        Group4(even, in xq, at, ref i0, ref i1, ref i2, ref i3);
        Group4(odd, in xq, at + 4 * GroupBytes, ref i0, ref i1, ref i2, ref i3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Group4(V q, ref readonly byte xq, nint at, ref V i0, ref V i1, ref V i2, ref V i3)
    {
        if (T.HasDotS8)
        {
            i0 = T.DotS8(i0, q, T.Broadcast32(in xq, at));
            i1 = T.DotS8(i1, q, T.Broadcast32(in xq, at + Word));
            i2 = T.DotS8(i2, q, T.Broadcast32(in xq, at + 2 * Word));
            i3 = T.DotS8(i3, q, T.Broadcast32(in xq, at + 3 * Word));
            return;
        }
        T.AccumulatePairsI16(
            T.EvenI16(q),
            T.Broadcast32(in xq, at), T.Broadcast32(in xq, at + Word), T.Broadcast32(in xq, at + 2 * Word),
            T.Broadcast32(in xq, at + 3 * Word),
            ref i0, ref i1, ref i2, ref i3);
        T.AccumulatePairsI16(
            T.OddI16(q),
            T.Broadcast32(in xq, at + 4 * Word), T.Broadcast32(in xq, at + 5 * Word), T.Broadcast32(in xq, at + 6 * Word),
            T.Broadcast32(in xq, at + 7 * Word),
            ref i0, ref i1, ref i2, ref i3);
    }

    // Two k-groups, 1 token.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pair1(ref readonly byte w, nint vectors, V table, ref readonly byte xq, int pair, ref V a, ref V b)
    {
        F.Unpack<V, T>(in w, vectors, table, out V even, out V odd);
        nint at = pair * 2 * GroupBytes;
        if (T.HasDotS8)
        {
            a = T.DotS8(a, even, T.Broadcast32(in xq, at));
            b = T.DotS8(b, odd, T.Broadcast32(in xq, at + GroupBytes));
            return;
        }
        a = T.AddI32(a, T.MultiplyPairsI16(T.EvenI16(even), T.Broadcast32(in xq, at)));
        b = T.AddI32(b, T.MultiplyPairsI16(T.OddI16(even), T.Broadcast32(in xq, at + Word)));
        a = T.AddI32(a, T.MultiplyPairsI16(T.EvenI16(odd), T.Broadcast32(in xq, at + 2 * Word)));
        b = T.AddI32(b, T.MultiplyPairsI16(T.OddI16(odd), T.Broadcast32(in xq, at + 3 * Word)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreUnpacked(V q, ref byte to, nint at)
    {
        if (T.HasDotS8)
        {
            T.Store(q, ref to, at);
            return;
        }
        T.Store(T.EvenI16(q), ref to, at);
        T.Store(T.OddI16(q), ref to, at + 64);
    }
}

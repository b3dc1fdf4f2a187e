using System;
using System.Runtime.CompilerServices;
using AhnSharp.Kernels.Tiers;

namespace AhnSharp.Kernels.Int8;

/// <summary>
/// The tiles of <see cref="WideTile{V, T, F}"/> times activations of 7 bits: half the activations' precision for a third more speed.
/// </summary>
/// <remarks>
/// Activations are a = round(63·x / max|x|) under one scale in 32, kept as u = a + 64, so that one instruction multiplies unsigned u by
/// signed weights and two k-groups fit 16 bits: Σ w·u − 64·Σ w = Σ w·a, at most 4·128·63 = 32256. What wraps on the way does no harm, and a
/// weight of −128 is as good as any. Relative error of the activations: 1.1 % instead of 0.5 % (normal numbers).
/// </remarks>
/// <typeparam name="V">A register.</typeparam>
/// <typeparam name="T">The tier.</typeparam>
internal sealed class SevenBitTile<V, T> : TokenBlockKernel
    where V : struct
    where T : struct, ITier<V>
{
    private const int Word = sizeof(int);
    private const int BlockLength = 32;
    private const int PairBytes = 3 * 64; // unpacked: what two k-groups start from, then their weights

    public override ActivationForm Form => ActivationForm.Sevens32;

    public override int UnpackedBytes => T.HasManyRegisters ? PieceColumns / 8 * PairBytes : 0;

    // As in NarrowTile: registers narrower than a tile pass over it in pieces of 256 weights per row.
    private static int Piece => T.Lanes == Rows ? int.MaxValue : 256 / BlockLength;

    public override long TileBytes(int columns) => (long)(columns / BlockLength) * Q8_0Tile.TileBlockBytes;

    public override void Pack(ReadOnlySpan<byte> rows, int columns, ref byte tile) =>
        TileBits.PackRows<Q8_0Tile>(rows, columns / BlockLength, ref tile);

    public override void Multiply4(ref readonly byte tile, int columns, scoped in ActivationBlock x, ref float sums)
    {
        ref byte to = ref Unsafe.As<float, byte>(ref sums);
        for (nint part = 0; part < Rows; part += T.Lanes)
        {
            for (int t = 0; t < 4; t++) T.Store(T.Zero, ref to, Word * (Rows * t + part));
        }
        int blocks = columns / BlockLength;
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
        int blocks = columns / BlockLength;
        for (int from = 0; from < blocks; from += Piece)
        {
            int end = Math.Min(blocks, from + Piece);
            for (nint part = 0; part < Rows; part += T.Lanes) Multiply1(in tile, in x, from, end, part, ref to);
        }
    }

    public override void Unpack(ref readonly byte tile, int column, int count, ref byte unpacked)
    {
        int first = column / BlockLength, end = first + (count / BlockLength);
        ref byte to = ref unpacked;
        for (int block = first; block < end; block++)
        {
            ref readonly byte q = ref Unsafe.AddByteOffset(
                ref Unsafe.AsRef(in tile), ((nint)block * Q8_0Tile.TileBlockBytes) + Q8_0Tile.VectorsOffset);
            for (nint pair = 0; pair < 4; pair++)
            {
                for (nint row = 0; row < 64; row += Word * T.Lanes)
                {
                    V even = T.Load(in q, (128 * pair) + row), odd = T.Load(in q, (128 * pair) + 64 + row);
                    T.Store(Start(even, odd), ref to, row);
                    T.Store(even, ref to, 64 + row);
                    T.Store(odd, ref to, 128 + row);
                }
                to = ref Unsafe.AddByteOffset(ref to, PairBytes);
            }
        }
    }

    public override void Multiply8(
        ref readonly byte tile, ref readonly byte unpacked, int column, int count, int columns, scoped in ActivationBlock x, int tokens,
        ref byte integers, ref float sums)
    {
        int block = column / BlockLength;
        ref readonly byte w = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tile), (nint)block * Q8_0Tile.TileBlockBytes);
        EightTokens eight = new(in x, columns, Word, BlockLength, 0, 0, block);
        ref byte to = ref Unsafe.As<float, byte>(ref sums);
        for (int token = 0; token < tokens; token += 8)
        {
            for (nint part = 0; part < Rows; part += T.Lanes) Multiply8(in w, in unpacked, count / BlockLength, in eight, part, ref to);
            eight.Advance();
            to = ref Unsafe.AddByteOffset(ref to, 8 * 64);
        }
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
            V i0 = T.Zero, i1 = T.Zero, i2 = T.Zero, i3 = T.Zero, i4 = T.Zero, i5 = T.Zero, i6 = T.Zero, i7 = T.Zero;
            Pair8(in q, in xq, in xr, 0, ref i0, ref i1, ref i2, ref i3, ref i4, ref i5, ref i6, ref i7);
            Pair8(in q, in xq, in xr, 1, ref i0, ref i1, ref i2, ref i3, ref i4, ref i5, ref i6, ref i7);
            Pair8(in q, in xq, in xr, 2, ref i0, ref i1, ref i2, ref i3, ref i4, ref i5, ref i6, ref i7);
            Pair8(in q, in xq, in xr, 3, ref i0, ref i1, ref i2, ref i3, ref i4, ref i5, ref i6, ref i7);
            q = ref Unsafe.AddByteOffset(ref q, 4 * PairBytes);
            xq = ref Unsafe.AddByteOffset(ref xq, 4 * 2 * 4 * Word);
            xr = ref Unsafe.AddByteOffset(ref xr, 4 * 2 * 4 * Word);
            V d = T.LoadF16(in w, 2 * lane);
            y0 = T.MultiplyAddF32(T.ConvertI32ToF32(i0), T.MultiplyF32(d, T.Broadcast32(in xqScales, 0)), y0);
            y1 = T.MultiplyAddF32(T.ConvertI32ToF32(i1), T.MultiplyF32(d, T.Broadcast32(in xqScales, Word)), y1);
            y2 = T.MultiplyAddF32(T.ConvertI32ToF32(i2), T.MultiplyF32(d, T.Broadcast32(in xqScales, 2 * Word)), y2);
            y3 = T.MultiplyAddF32(T.ConvertI32ToF32(i3), T.MultiplyF32(d, T.Broadcast32(in xqScales, 3 * Word)), y3);
            y4 = T.MultiplyAddF32(T.ConvertI32ToF32(i4), T.MultiplyF32(d, T.Broadcast32(in xrScales, 0)), y4);
            y5 = T.MultiplyAddF32(T.ConvertI32ToF32(i5), T.MultiplyF32(d, T.Broadcast32(in xrScales, Word)), y5);
            y6 = T.MultiplyAddF32(T.ConvertI32ToF32(i6), T.MultiplyF32(d, T.Broadcast32(in xrScales, 2 * Word)), y6);
            y7 = T.MultiplyAddF32(T.ConvertI32ToF32(i7), T.MultiplyF32(d, T.Broadcast32(in xrScales, 3 * Word)), y7);
            xqScales = ref Unsafe.AddByteOffset(ref xqScales, 4 * Word);
            xrScales = ref Unsafe.AddByteOffset(ref xrScales, 4 * Word);
            w = ref Unsafe.AddByteOffset(ref w, Q8_0Tile.TileBlockBytes);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pair8(
        ref readonly byte q, ref readonly byte xq, ref readonly byte xr, int pair,
        ref V i0, ref V i1, ref V i2, ref V i3, ref V i4, ref V i5, ref V i6, ref V i7)
    {
        V start = T.Load(in q, pair * PairBytes), even = T.Load(in q, (pair * PairBytes) + 64),
            odd = T.Load(in q, (pair * PairBytes) + 128);
        nint at = pair * 2 * 4 * Word;
        Pair4(start, even, odd, in Unsafe.AddByteOffset(ref Unsafe.AsRef(in xq), at), ref i0, ref i1, ref i2, ref i3);
        Pair4(start, even, odd, in Unsafe.AddByteOffset(ref Unsafe.AsRef(in xr), at), ref i4, ref i5, ref i6, ref i7);
    }

    // Rows lane … lane + Lanes − 1 of blocks from … end − 1, 4 tokens; adds to the sums.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply4(ref readonly byte tile, scoped in ActivationBlock x, int from, int end, nint lane, ref byte sums)
    {
        if (T.Lanes == Rows) lane = 0;
        ref byte w = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tile), (nint)from * Q8_0Tile.TileBlockBytes);
        ref byte xq = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in x.Values), (nint)from * BlockLength * 4);
        ref byte xScales = ref Unsafe.AddByteOffset(ref Unsafe.As<float, byte>(ref Unsafe.AsRef(in x.Scales)), (nint)from * 4 * Word);
        nint row = Word * lane;
        V y0 = T.Load(in sums, row), y1 = T.Load(in sums, row + 64), y2 = T.Load(in sums, row + 128), y3 = T.Load(in sums, row + 192);
        for (int block = from; block < end; block++)
        {
            V i0 = T.Zero, i1 = T.Zero, i2 = T.Zero, i3 = T.Zero;
            nint quants = Q8_0Tile.VectorsOffset + row;
            for (nint pair = 0; pair < 4; pair++)
            {
                V even = T.Load(in w, quants), odd = T.Load(in w, quants + 64);
                Pair4(Start(even, odd), even, odd, in xq, ref i0, ref i1, ref i2, ref i3);
                quants += 2 * 64;
                xq = ref Unsafe.AddByteOffset(ref xq, 2 * 4 * Word);
            }
            V d = T.LoadF16(in w, 2 * lane);
            y0 = T.MultiplyAddF32(T.ConvertI32ToF32(i0), T.MultiplyF32(d, T.Broadcast32(in xScales, 0)), y0);
            y1 = T.MultiplyAddF32(T.ConvertI32ToF32(i1), T.MultiplyF32(d, T.Broadcast32(in xScales, Word)), y1);
            y2 = T.MultiplyAddF32(T.ConvertI32ToF32(i2), T.MultiplyF32(d, T.Broadcast32(in xScales, 2 * Word)), y2);
            y3 = T.MultiplyAddF32(T.ConvertI32ToF32(i3), T.MultiplyF32(d, T.Broadcast32(in xScales, 3 * Word)), y3);
            xScales = ref Unsafe.AddByteOffset(ref xScales, 4 * Word);
            w = ref Unsafe.AddByteOffset(ref w, Q8_0Tile.TileBlockBytes);
        }
        T.Store(y0, ref sums, row);
        T.Store(y1, ref sums, row + 64);
        T.Store(y2, ref sums, row + 128);
        T.Store(y3, ref sums, row + 192);
    }

    // The same for 1 token.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply1(ref readonly byte tile, scoped in ActivationBlock x, int from, int end, nint lane, ref byte sums)
    {
        if (T.Lanes == Rows) lane = 0;
        ref byte w = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tile), (nint)from * Q8_0Tile.TileBlockBytes);
        ref byte xq = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in x.Values), (nint)from * BlockLength);
        ref byte xScales = ref Unsafe.AddByteOffset(ref Unsafe.As<float, byte>(ref Unsafe.AsRef(in x.Scales)), (nint)from * Word);
        nint row = Word * lane;
        V y = T.Load(in sums, row);
        for (int block = from; block < end; block++)
        {
            V i = T.Zero;
            nint quants = Q8_0Tile.VectorsOffset + row;
            for (nint pair = 0; pair < 4; pair++)
            {
                V even = T.Load(in w, quants), odd = T.Load(in w, quants + 64);
                V products = T.AddPartials(T.PairProducts(T.Broadcast32(in xq, 0), even), T.PairProducts(T.Broadcast32(in xq, Word), odd));
                i = T.AddI32(i, T.Widen(T.AddPartials(Start(even, odd), products)));
                quants += 2 * 64;
                xq = ref Unsafe.AddByteOffset(ref xq, 2 * Word);
            }
            y = T.MultiplyAddF32(T.ConvertI32ToF32(i), T.MultiplyF32(T.LoadF16(in w, 2 * lane), T.Broadcast32(in xScales, 0)), y);
            xScales = ref Unsafe.AddByteOffset(ref xScales, Word);
            w = ref Unsafe.AddByteOffset(ref w, Q8_0Tile.TileBlockBytes);
        }
        T.Store(y, ref sums, row);
    }

    // −64·Σ w of two k-groups.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Start(V even, V odd)
    {
        V offset = T.Splat(ActivationBlock.SevensOffset);
        return T.SubtractPartials(T.SubtractPartials(T.Zero, T.PairProducts(offset, even)), T.PairProducts(offset, odd));
    }

    // Two k-groups, 4 tokens: multiplies and adds in groups, as in AccumulatePairs.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pair4(V start, V even, V odd, ref readonly byte xq, ref V i0, ref V i1, ref V i2, ref V i3)
    {
        V p0 = T.PairProducts(T.Broadcast32(in xq, 0), even), p1 = T.PairProducts(T.Broadcast32(in xq, Word), even);
        V p2 = T.PairProducts(T.Broadcast32(in xq, 2 * Word), even), p3 = T.PairProducts(T.Broadcast32(in xq, 3 * Word), even);
        V q0 = T.PairProducts(T.Broadcast32(in xq, 4 * Word), odd), q1 = T.PairProducts(T.Broadcast32(in xq, 5 * Word), odd);
        V q2 = T.PairProducts(T.Broadcast32(in xq, 6 * Word), odd), q3 = T.PairProducts(T.Broadcast32(in xq, 7 * Word), odd);
        p0 = T.AddPartials(T.AddPartials(p0, start), q0);
        p1 = T.AddPartials(T.AddPartials(p1, start), q1);
        p2 = T.AddPartials(T.AddPartials(p2, start), q2);
        p3 = T.AddPartials(T.AddPartials(p3, start), q3);
        i0 = T.AddI32(i0, T.Widen(p0));
        i1 = T.AddI32(i1, T.Widen(p1));
        i2 = T.AddI32(i2, T.Widen(p2));
        i3 = T.AddI32(i3, T.Widen(p3));
    }
}

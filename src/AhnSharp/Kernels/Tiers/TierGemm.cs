using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AhnSharp.Kernels.Tiers;

/// <summary>Blocked products on one tier, of <see cref="GemmBlock{V,T,E}"/>s.</summary>
/// <remarks>
/// For many rows a panel of A, two registers wide, is copied (halves converted) to 16 KiB of stack, where all rows of X find it in the
/// first cache whatever A's stride; k is cut to the panel's height. Few rows read A where it lies. The columns that fill no register are
/// the end of a whole register that ends where the row does, computed aside: nothing is read or written beyond a row.
/// </remarks>
internal sealed class TierGemm<V, T> : Gemm
    where V : struct
    where T : struct, ITier<V>
{
    private const int PanelBytes = 16 * 1024;

    /// <summary>Rows of X below which copying a panel costs more than it brings.</summary>
    public const int RowsForPanel = 12;

    /// <inheritdoc/>
    public override void Multiply(
        ref readonly float x, nint xStride, ref readonly float a, nint aStride, ref float c, nint cStride, int m, int k, int n,
        bool accumulate) =>
        MultiplySmall<F32Element<V, T>>(
            in x, xStride, in Unsafe.As<float, byte>(ref Unsafe.AsRef(in a)), aStride, ref c, cStride, m, k, n, accumulate);

    /// <inheritdoc/>
    public override void Multiply(
        ref readonly float x, nint xStride, ref readonly Half a, nint aStride, ref float c, nint cStride, int m, int k, int n,
        bool accumulate) =>
        MultiplySmall<F16Element<V, T>>(
            in x, xStride, in Unsafe.As<Half, byte>(ref Unsafe.AsRef(in a)), aStride, ref c, cStride, m, k, n, accumulate);

    /// <inheritdoc/>
    public override void Multiply(
        ref readonly float x, nint xStride, ref readonly sbyte a, nint aStride, ref float c, nint cStride, int m, int k, int n,
        bool accumulate) =>
        MultiplySmall<S8Element<V, T>>(
            in x, xStride, in Unsafe.As<sbyte, byte>(ref Unsafe.AsRef(in a)), aStride, ref c, cStride, m, k, n, accumulate);

    // One token's query heads of a key/value head are 5 to 8 in every Qwen2.5 model: one pass over A serves them all.
    private static void MultiplySmall<E>(
        ref readonly float x, nint xStride, ref readonly byte a, nint aStride, ref float c, nint cStride, int m, int k, int n,
        bool accumulate)
        where E : struct, IElement<V>
    {
        bool heads = T.HasManyRegisters && m is >= 5 and <= 8 && n % T.Lanes == 0;
        if (heads && m == 5) Heads<E, FiveRows>(in x, xStride, in a, aStride, ref c, cStride, k, n, accumulate);
        else if (heads && m == 6) Heads<E, SixRows>(in x, xStride, in a, aStride, ref c, cStride, k, n, accumulate);
        else if (heads && m == 7) Heads<E, SevenRows>(in x, xStride, in a, aStride, ref c, cStride, k, n, accumulate);
        else if (heads) Heads<E, EightRows>(in x, xStride, in a, aStride, ref c, cStride, k, n, accumulate);
        else Multiply<E>(in x, xStride, in a, aStride, ref c, cStride, m, k, n, accumulate, m >= RowsForPanel);
    }

    private static void Heads<E, R>(
        ref readonly float x, nint xStride, ref readonly byte a, nint aStride, ref float c, nint cStride, int k, int n, bool accumulate)
        where E : struct, IElement<V>
        where R : struct, IRowCount
    {
        ref byte xBytes = ref Unsafe.As<float, byte>(ref Unsafe.AsRef(in x)), cBytes = ref Unsafe.As<float, byte>(ref c);
        (nint xStep, nint aStep, nint cStep) = (sizeof(float) * xStride, E.Bytes * aStride, sizeof(float) * cStride);
        for (nint column = 0; column < n; column += 2 * T.Lanes)
        {
            ref byte aFrom = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in a), E.Bytes * column),
                cFrom = ref Unsafe.AddByteOffset(ref cBytes, sizeof(float) * column);
            if (column + T.Lanes < n) HeadBlock<V, T, E, R>.Columns2(ref xBytes, xStep, ref aFrom, aStep, ref cFrom, cStep, k, accumulate);
            else HeadBlock<V, T, E, R>.Columns1(ref xBytes, xStep, ref aFrom, aStep, ref cFrom, cStep, k, accumulate);
        }
    }

    /// <summary>C (+)= X·A with A of <typeparamref name="E"/>; <paramref name="aStride"/> in elements.</summary>
    /// <remarks>
    /// <paramref name="panels"/> decides how sums over k are grouped. Whoever cuts the rows of one product into several calls passes the
    /// same for all, and cuts at multiples of 4: then the cuts do not show in the bits.
    /// </remarks>
    public static void Multiply<E>(
        ref readonly float x, nint xStride, ref readonly byte a, nint aStride, ref float c, nint cStride, int m, int k, int n,
        bool accumulate,
        bool panels)
        where E : struct, IElement<V>
    {
        ref byte xBytes = ref Unsafe.As<float, byte>(ref Unsafe.AsRef(in x));
        ref byte aBytes = ref Unsafe.AsRef(in a);
        ref byte cBytes = ref Unsafe.As<float, byte>(ref c);
        (nint xStep, nint aStep, nint cStep) = (sizeof(float) * xStride, E.Bytes * aStride, sizeof(float) * cStride);
        bool isPanel = E.Bytes == sizeof(float) && aStride == n && n <= 2 * T.Lanes;
        if (n < T.Lanes) Narrow<E>(ref xBytes, xStep, ref aBytes, aStep, ref cBytes, cStep, m, k, n, accumulate);
        else if (panels && !isPanel) Many<E>(ref xBytes, xStep, ref aBytes, aStep, ref cBytes, cStep, m, k, n, accumulate);
        else Few<E>(ref xBytes, xStep, ref aBytes, aStep, ref cBytes, cStep, m, k, n, accumulate);
    }

    [SkipLocalsInit]
    private static void Many<E>(
        ref byte x, nint xStride, ref byte a, nint aStride, ref byte c, nint cStride, int m, int k, int n, bool accumulate)
        where E : struct, IElement<V>
    {
        Span<byte> panelBytes = stackalloc byte[PanelBytes];
        ref byte panel = ref MemoryMarshal.GetReference(panelBytes);
        int width = 2 * T.Lanes, height = PanelBytes / (sizeof(float) * width);
        for (int from = 0; from < k || from == 0; from += height)
        {
            int rows = Math.Min(height, k - from);
            bool add = accumulate || from > 0;
            ref byte xFrom = ref Unsafe.AddByteOffset(ref x, sizeof(float) * (nint)from);
            ref byte aFrom = ref Unsafe.AddByteOffset(ref a, from * aStride);
            int column = 0;
            for (; column + T.Lanes <= n; column += width)
            {
                int registers = column + width <= n ? 2 : 1;
                FillPanel<E>(ref Unsafe.AddByteOffset(ref aFrom, E.Bytes * (nint)column), aStride, ref panel, rows, registers);
                ref byte cFrom = ref Unsafe.AddByteOffset(ref c, sizeof(float) * (nint)column);
                Rows<F32Element<V, T>>(
                    ref xFrom, xStride, ref panel, sizeof(float) * T.Lanes * registers, ref cFrom, cStride, m, rows, registers, add);
            }
            int rest = n % T.Lanes;
            if (rest == 0) continue;
            FillPanel<E>(ref Unsafe.AddByteOffset(ref aFrom, E.Bytes * (nint)(n - T.Lanes)), aStride, ref panel, rows, 1);
            Edge<F32Element<V, T>>(
                ref xFrom, xStride, ref panel, sizeof(float) * T.Lanes,
                ref Unsafe.AddByteOffset(ref c, sizeof(float) * (nint)(n - rest)), cStride, m, rows, rest, add);
        }
    }

    private static void Few<E>(
        ref byte x, nint xStride, ref byte a, nint aStride, ref byte c, nint cStride, int m, int k, int n, bool accumulate)
        where E : struct, IElement<V>
    {
        int fours = m / 4 * 4, width = 2 * T.Lanes;
        int whole = n / T.Lanes * T.Lanes, rest = n - whole;
        for (int column = 0; fours > 0 && column < whole; column += width)
        {
            Rows<E>(
                ref x, xStride, ref Unsafe.AddByteOffset(ref a, E.Bytes * (nint)column), aStride,
                ref Unsafe.AddByteOffset(ref c, sizeof(float) * (nint)column), cStride, fours, k,
                column + width <= whole ? 2 : 1, accumulate);
        }
        for (int i = fours; i < m; i++)
        {
            ref byte xRow = ref Unsafe.AddByteOffset(ref x, i * xStride);
            ref byte cRow = ref Unsafe.AddByteOffset(ref c, i * cStride);
            int column = 0;
            for (; column + (4 * T.Lanes) <= whole; column += 4 * T.Lanes)
            {
                GemmBlock<V, T, E>.Row1x4(
                    ref xRow, ref Unsafe.AddByteOffset(ref a, E.Bytes * (nint)column), aStride,
                    ref Unsafe.AddByteOffset(ref cRow, sizeof(float) * (nint)column), k, accumulate);
            }
            for (; column < whole; column += T.Lanes)
            {
                GemmBlock<V, T, E>.Row1x1(
                    ref xRow, ref Unsafe.AddByteOffset(ref a, E.Bytes * (nint)column), aStride,
                    ref Unsafe.AddByteOffset(ref cRow, sizeof(float) * (nint)column), k, accumulate);
            }
        }
        if (rest == 0) return;
        Edge<E>(
            ref x, xStride, ref Unsafe.AddByteOffset(ref a, E.Bytes * (nint)(n - T.Lanes)), aStride,
            ref Unsafe.AddByteOffset(ref c, sizeof(float) * (nint)whole), cStride, m, k, rest, accumulate);
    }

    /// <summary>All m rows × 1 or 2 registers of A.</summary>
    private static void Rows<E>(
        ref byte x, nint xStride, ref byte a, nint aStride, ref byte c, nint cStride, int m, int k, int registers, bool accumulate)
        where E : struct, IElement<V>
    {
        int i = 0;
        for (; i + 4 <= m; i += 4)
        {
            ref byte xRows = ref Unsafe.AddByteOffset(ref x, i * xStride);
            ref byte cRows = ref Unsafe.AddByteOffset(ref c, i * cStride);
            if (registers == 2) GemmBlock<V, T, E>.Rows4x2(ref xRows, xStride, ref a, aStride, ref cRows, cStride, k, accumulate);
            else GemmBlock<V, T, E>.Rows4x1(ref xRows, xStride, ref a, aStride, ref cRows, cStride, k, accumulate);
        }
        for (; i < m; i++)
        {
            ref byte xRow = ref Unsafe.AddByteOffset(ref x, i * xStride);
            ref byte cRow = ref Unsafe.AddByteOffset(ref c, i * cStride);
            GemmBlock<V, T, E>.Row1x1(ref xRow, ref a, aStride, ref cRow, k, accumulate);
            if (registers == 1) continue;
            ref byte second = ref Unsafe.AddByteOffset(ref a, E.Bytes * T.Lanes);
            GemmBlock<V, T, E>.Row1x1(
                ref xRow, ref second, aStride, ref Unsafe.AddByteOffset(ref cRow, sizeof(float) * T.Lanes), k, accumulate);
        }
    }

    /// <summary>The last <paramref name="rest"/> columns, of the register that ends with the row; c begins at the first of them.</summary>
    [SkipLocalsInit]
    private static void Edge<E>(
        ref byte x, nint xStride, ref byte a, nint aStride, ref byte c, nint cStride, int m, int k, int rest, bool accumulate)
        where E : struct, IElement<V>
    {
        Span<float> sums = stackalloc float[4 * T.Lanes];
        ref byte aside = ref Unsafe.As<float, byte>(ref MemoryMarshal.GetReference(sums));
        for (int i = 0; i < m; i += 4)
        {
            int rows = Math.Min(4, m - i);
            Rows<E>(ref Unsafe.AddByteOffset(ref x, i * xStride), xStride, ref a, aStride, ref aside, sizeof(float) * T.Lanes,
                rows, k, 1, false);
            for (int r = 0; r < rows; r++)
            {
                ref float cRow = ref Unsafe.As<byte, float>(ref Unsafe.AddByteOffset(ref c, (i + r) * cStride));
                for (int j = 0; j < rest; j++)
                {
                    float sum = sums[(r * T.Lanes) + T.Lanes - rest + j];
                    Unsafe.Add(ref cRow, j) = accumulate ? Unsafe.Add(ref cRow, j) + sum : sum;
                }
            }
        }
    }

    /// <summary>Fewer columns than a register has lanes: the rows of A are copied beside zeros first.</summary>
    [SkipLocalsInit]
    private static void Narrow<E>(
        ref byte x, nint xStride, ref byte a, nint aStride, ref byte c, nint cStride, int m, int k, int n, bool accumulate)
        where E : struct, IElement<V>
    {
        Span<byte> panelBytes = stackalloc byte[PanelBytes];
        ref byte panel = ref MemoryMarshal.GetReference(panelBytes);
        Span<byte> row = stackalloc byte[E.Bytes * T.Lanes];
        row.Clear();
        int height = PanelBytes / (sizeof(float) * T.Lanes);
        for (int from = 0; from < k || from == 0; from += height)
        {
            int rows = Math.Min(height, k - from);
            for (int j = 0; j < rows; j++)
            {
                // Shifted to the end of the register, where Edge looks.
                MemoryMarshal.CreateReadOnlySpan(ref Unsafe.AddByteOffset(ref a, (from + j) * aStride), E.Bytes * n).CopyTo(
                    row[(E.Bytes * (T.Lanes - n))..]);
                T.Store(E.Load(in row[0], 0), ref panel, j * sizeof(float) * T.Lanes);
            }
            Edge<F32Element<V, T>>(
                ref Unsafe.AddByteOffset(ref x, sizeof(float) * (nint)from), xStride, ref panel, sizeof(float) * T.Lanes,
                ref c, cStride, m, rows, n, accumulate || from > 0);
        }
    }

    private static void FillPanel<E>(ref byte a, nint aStride, ref byte panel, int rows, int registers)
        where E : struct, IElement<V>
    {
        for (int j = 0; j < rows; j++)
        {
            T.Store(E.Load(in a, 0), ref panel, 0);
            if (registers == 2) T.Store(E.Load(in a, E.Bytes * T.Lanes), ref panel, sizeof(float) * T.Lanes);
            a = ref Unsafe.AddByteOffset(ref a, aStride);
            panel = ref Unsafe.AddByteOffset(ref panel, sizeof(float) * T.Lanes * registers);
        }
    }
}

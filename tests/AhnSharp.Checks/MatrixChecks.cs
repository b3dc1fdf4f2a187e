using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;
using AhnSharp.Kernels;

namespace AhnSharp.Checks;

/// <summary>Checks of one row of <see cref="KernelTable"/> against <see cref="DotReference"/>.</summary>
internal static class MatrixChecks
{
    private const int MaxTokens = 21;
    // Blocks of 8, of 4 and of 1, and what they leave.
    private static readonly int[] s_tokenCounts = [1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, MaxTokens];
    private static readonly int[] s_rowCounts = [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 33];

    /// <summary>The checks of a row; skipped ones where this processor lacks the tier.</summary>
    public static IEnumerable<Check> Of(KernelRow row)
    {
        string form = row.Kernel?.Form == ActivationForm.Sevens32 ? "7-bit tile" : row.IsTiled ? "tile" : "portable";
        string name = $"{row.Type} {KernelTable.NameOf(row.Isa)} {form}";
        string? lacking = KernelTable.IsSupported(row.Isa) ? null : $"this processor lacks {KernelTable.NameOf(row.Isa)}";
        yield return new Check($"{name}: random weights, 1..33 rows, 1..{MaxTokens} tokens", lacking, () => Random(row));
        yield return new Check($"{name}: zero and extreme weights and activations", lacking, () => Extremes(row));
        yield return new Check($"{name}: the same bits on 1, 2, 3 and 7 threads", lacking, () => Threads(row));
        if (row.Kernel is not TokenBlockKernel kernel) yield break;
        lacking ??= GuardedBuffer.IsSupported ? null : "no guard pages on this system";
        yield return new Check($"{name}: reads and writes nothing beyond its buffers", lacking, () => Guarded(row.Type, kernel));
    }

    private static void Random(KernelRow row)
    {
        using var workers = new Workers(1);
        int block = row.Type.BlockLength(), seed = 1;
        int[] columnCounts = block == 256 ? [256, 768] : block == 32 ? [32, 288, 608] : [1, 2, 7, 64, 333];
        foreach (int rows in s_rowCounts)
        {
            foreach (int columns in columnCounts)
            {
                byte[] stored = WeightFill.Random(row.Type, rows, columns, seed);
                Compare(row, stored, rows, TokenFill.Random(MaxTokens, columns, seed + 1), workers, $"{rows}×{columns}");
                seed += 2;
            }
        }
    }

    private static void Extremes(KernelRow row)
    {
        using var workers = new Workers(1);
        int columns = row.Type.BlockLength() == 1 ? 48 : 3 * row.Type.BlockLength(), rows = 17;
        Activations zero = TokenFill.Random(MaxTokens, columns, 5), most = TokenFill.Extreme(MaxTokens, columns);
        zero.Reshape(MaxTokens, columns);
        zero.Values.Clear();
        byte[] nothing = new byte[rows * row.Type.RowBytes(columns)];
        Compare(row, nothing, rows, most, workers, "zero weights");
        Compare(row, WeightFill.Random(row.Type, rows, columns, 3), rows, zero, workers, "zero activations");
        foreach (byte pattern in WeightFill.Extremes)
        {
            Compare(row, WeightFill.Extreme(row.Type, rows, columns, pattern), rows, most, workers, $"quants of bytes 0x{pattern:x2}");
        }
    }

    private static void Threads(KernelRow row)
    {
        int columns = 2 * 256;
        // Many rows are cut into stretches of rows, few rows along the tokens.
        foreach ((int rows, int tokens) in ((int, int)[])[((16 * 40) + 5, 1), ((16 * 40) + 5, 70), (21, 70), (21, 137), (3, 40)])
        {
            byte[] stored = WeightFill.Random(row.Type, rows, columns, 11);
            Activations x = TokenFill.Random(tokens, columns, 12);
            float[]? first = null;
            foreach (int threads in (int[])[1, 2, 3, 7])
            {
                using var workers = new Workers(threads);
                using WeightMatrix matrix = Load(row, stored, rows, columns, workers);
                var y = new Activations();
                x.Forget();
                matrix.Multiply(workers, x, y);
                float[] found = y.Values.ToArray();
                first ??= found;
                if (!found.AsSpan().SequenceEqual(first))
                {
                    throw new CheckFailedException($"{rows} rows, {tokens} tokens: {threads} threads gave other bits than 1");
                }
            }
        }
    }

    private static void Compare(KernelRow row, byte[] stored, int rows, Activations x, Workers workers, string what)
    {
        int columns = x.Columns;
        using WeightMatrix matrix = Load(row, stored, rows, columns, workers);
        if (matrix.Rows != rows || matrix.Columns != columns || matrix.Type != row.Type)
        {
            throw new CheckFailedException($"{what}: found a {matrix.Type} matrix of {matrix.Rows}×{matrix.Columns}");
        }
        var reference = new DotReference(row.Type, stored, rows, columns, Held(row, x, workers));
        var piece = new Activations();
        var y = new Activations();
        foreach (int tokens in s_tokenCounts)
        {
            piece.Reshape(tokens, columns);
            x.Values[..(tokens * columns)].CopyTo(piece.Values);
            matrix.Multiply(workers, piece, y);
            float[] once = y.Values.ToArray();
            matrix.Multiply(workers, piece, y, accumulate: true);
            for (int t = 0; t < tokens; t++)
            {
                for (int r = 0; r < rows; r++)
                {
                    reference.Demand(t, r, once[(t * rows) + r], 0, $"{what}, {tokens} tokens");
                    reference.Demand(t, r, y.Row(t)[r], once[(t * rows) + r], $"{what}, {tokens} tokens, added");
                }
            }
        }
    }

    private static WeightMatrix Load(KernelRow row, byte[] stored, int rows, int columns, Workers workers) => row.Create(
        rows, columns, (byteOffset, destination) => stored.AsSpan((int)byteOffset, destination.Length).CopyTo(destination), workers);

    /// <summary>The activations as the row's kernel multiplies them.</summary>
    private static float[] Held(KernelRow row, Activations x, Workers workers)
    {
        if (row.Kernel is null || row.Kernel.Form == ActivationForm.Rows) return x.Values.ToArray();
        x.Pack(row.Kernel.Form, workers);
        float[] held = new float[x.Rows * x.Columns];
        for (int t = 0; t < x.Rows; t++) x.Packed(row.Kernel.Form).Dequantize(t, held.AsSpan(t * x.Columns, x.Columns));
        return held;
    }

    // The kernel gets a tile, packed activations and sums that all end at a guard page.
    private static void Guarded(GgmlType type, TokenBlockKernel kernel)
    {
        using var workers = new Workers(1);
        int block = type.BlockLength();
        foreach (int columns in (int[])[block, 3 * block])
        {
            byte[] stored = WeightFill.Random(type, TileKernel.Rows, columns, 21);
            Activations x = TokenFill.Random(13, columns, 22);
            x.Pack(kernel.Form, workers);
            float[] held = new float[13 * columns];
            for (int t = 0; t < 13; t++) x.Packed(kernel.Form).Dequantize(t, held.AsSpan(t * columns, columns));
            var reference = new DotReference(type, stored, TileKernel.Rows, columns, held);
            using GuardedBuffer rows = GuardedBuffer.Of<byte>(stored);
            using var tile = new GuardedBuffer((int)kernel.TileBytes(columns));
            kernel.Pack(rows.Bytes, columns, ref tile.Ref<byte>());
            foreach ((int first, int tokens) in ((int, int)[])[(0, 8), (8, 4), (12, 1)])
            {
                if (tokens == 8 && kernel.UnpackedBytes == 0) continue;
                using var guarded = new GuardedTokens(kernel.Form, x.Packed(kernel.Form).Block(first), columns, tokens);
                using var sums = new GuardedBuffer(tokens * TileKernel.Rows * sizeof(float));
                if (tokens == 8) Eight(kernel, in tile.Ref<byte>(), columns, guarded.Block, sums);
                else if (tokens == 4) kernel.Multiply4(in tile.Ref<byte>(), columns, guarded.Block, ref sums.Ref<float>());
                else kernel.Multiply1(in tile.Ref<byte>(), columns, guarded.Block, ref sums.Ref<float>());
                float[] found = MemoryMarshal.Cast<byte, float>(sums.Bytes).ToArray();
                for (int i = 0; i < found.Length; i++)
                {
                    reference.Demand(
                        first + (i / TileKernel.Rows), i % TileKernel.Rows, found[i], 0, $"{columns} columns, block of {tokens}");
                }
            }
        }
    }

    // Piece by piece, as TokenBlockKernel goes; the unpacked piece ends at a guard page too.
    private static void Eight(TokenBlockKernel kernel, ref readonly byte tile, int columns, scoped in ActivationBlock x, GuardedBuffer sums)
    {
        const int Piece = 256;
        sums.Bytes.Clear();
        using var integers = new GuardedBuffer(8 * TileKernel.Rows * sizeof(int));
        for (int column = 0; column < columns; column += Piece)
        {
            int count = Math.Min(Piece, columns - column);
            using var unpacked = new GuardedBuffer(kernel.UnpackedBytes / Piece * count);
            kernel.Unpack(in tile, column, count, ref unpacked.Ref<byte>());
            kernel.Multiply8(
                in tile, in unpacked.Ref<byte>(), column, count, columns, in x, 8, ref integers.Ref<byte>(), ref sums.Ref<float>());
        }
    }
}

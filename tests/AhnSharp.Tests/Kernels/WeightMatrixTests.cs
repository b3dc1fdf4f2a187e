using System;
using System.IO;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;
using AhnSharp.Kernels;
using Xunit;

namespace AhnSharp.Tests.Kernels;

public sealed class WeightMatrixTests
{
    [Fact]
    public void A_product_adds_to_what_is_there_only_when_asked()
    {
        using var workers = new Workers(2);
        using WeightMatrix matrix = Load([1, 2, 3, 4, 5, 6], rows: 3, columns: 2, workers);
        Activations x = Of([10, 1], rows: 1), y = Of([100, 200, 300], rows: 1);
        matrix.Multiply(workers, x, y, accumulate: true);
        Assert.Equal([112, 234, 356], y.Values.ToArray());
        matrix.Multiply(workers, x, y);
        Assert.Equal([12, 34, 56], y.Values.ToArray());
    }

    [Fact]
    public void Wrong_shapes_are_refused_with_both_numbers()
    {
        using var workers = new Workers(1);
        using WeightMatrix matrix = Load([1, 2, 3, 4, 5, 6], rows: 3, columns: 2, workers);
        Activations x = Of([10, 1], rows: 1), wide = Of([1, 2, 3], rows: 1);
        Refused("2 columns, the activations have 3", () => matrix.Multiply(workers, wide, x));
        Refused("[1, 3], found [1, 2]", () => matrix.Multiply(workers, x, Of([1, 2], rows: 1), accumulate: true));
        Refused("cannot overwrite", () => matrix.Multiply(workers, x, x));
        Refused("whole blocks of 32, found 33", () => WeightMatrix.Load(GgmlType.Q8_0, 1, 33, (_, _) => { }, workers));
    }

    [Fact]
    public void A_reader_that_fails_reaches_the_caller()
    {
        using var workers = new Workers(2);
        Assert.Throws<EndOfStreamException>(
            () => WeightMatrix.Load(GgmlType.F32, 4000, 500, (_, _) => throw new EndOfStreamException(), workers));
    }

    [Fact]
    public void Packed_forms_follow_values_that_a_product_adds_to()
    {
        using var workers = new Workers(1);
        byte[] stored = new byte[32 * GgmlType.Q8_0.RowBytes(32)];
        AhnSharp.Quants.Quantization.FillRandom(GgmlType.Q8_0, new Random(1), stored, 0.1f);
        using WeightMatrix matrix = WeightMatrix.Load(
            GgmlType.Q8_0, 32, 32, (at, to) => stored.AsSpan((int)at, to.Length).CopyTo(to), workers);
        float[] values = new float[32];
        for (int i = 0; i < values.Length; i++) values[i] = i - 11;
        Activations x = Of(values, rows: 1), y = Of(values, rows: 1), first = new(), second = new(), fresh = new();
        matrix.Multiply(workers, y, first);
        matrix.Multiply(workers, x, y, accumulate: true);
        matrix.Multiply(workers, y, second);
        matrix.Multiply(workers, Of(y.Values.ToArray(), rows: 1), fresh);
        Assert.Equal(fresh.Values.ToArray(), second.Values.ToArray());
        Assert.NotEqual(first.Values.ToArray(), second.Values.ToArray());
    }

    [Fact]
    public void No_tokens_are_no_work()
    {
        using var workers = new Workers(1);
        using WeightMatrix matrix = Load([1, 2], rows: 1, columns: 2, workers);
        var x = new Activations();
        x.Reshape(0, 2);
        var y = new Activations();
        matrix.Multiply(workers, x, y);
        Assert.Equal((0, 1), (y.Rows, y.Columns));
    }

    private static void Refused(string sentence, Action action) =>
        Assert.Contains(sentence, Assert.Throws<ArgumentException>(action).Message, StringComparison.Ordinal);

    private static WeightMatrix Load(float[] w, int rows, int columns, Workers workers) => WeightMatrix.Load(
        GgmlType.F32, rows, columns, (at, to) => MemoryMarshal.AsBytes<float>(w).Slice((int)at, to.Length).CopyTo(to), workers);

    private static Activations Of(float[] values, int rows)
    {
        var activations = new Activations();
        activations.Reshape(rows, values.Length / rows);
        values.CopyTo(activations.Values);
        return activations;
    }
}

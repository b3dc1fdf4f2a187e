using System;
using System.Collections.Generic;
using AhnSharp.Gguf;
using AhnSharp.Kernels;
using AhnSharp.Quants;
using BenchmarkDotNet.Attributes;

namespace AhnSharp.Bench;

/// <summary>y = W x on one thread, for every row of KernelTable; activations are packed once, before the measurement.</summary>
public class MatrixBench : IDisposable
{
    private readonly Activations _x = new(), _y = new();
    private Workers? _workers;
    private WeightMatrix? _matrix;

    [ParamsSource(nameof(Rows))]
    public MatrixRow Row { get; set; } = null!;

    [ParamsSource(nameof(Shapes))]
    public MatrixShape Shape { get; set; } = null!;

    [Params(1, 4, 64, 512)]
    public int Tokens { get; set; }

    public static IEnumerable<MatrixRow> Rows => MatrixRow.All;

    public static IEnumerable<MatrixShape> Shapes => MatrixShape.All;

    [GlobalSetup]
    public void Load()
    {
        var random = new Random(1);
        byte[] blocks = new byte[Row.Kernel.Type.RowBytes(Shape.Columns) * Shape.Rows];
        Quantization.FillRandom(Row.Kernel.Type, random, blocks, 0.02f);
        _workers = new Workers(1);
        _matrix = Row.Kernel.Create(Shape.Rows, Shape.Columns, (byteOffset, destination) => blocks.AsSpan((int)byteOffset, destination.Length).CopyTo(destination), _workers);
        _x.Reshape(Tokens, Shape.Columns);
        foreach (ref float x in _x.Values) x = (float)(random.NextDouble() * 2 - 1);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _matrix?.Dispose();
        _workers?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public void Multiply() => _matrix!.Multiply(_workers!, _x, _y);
}

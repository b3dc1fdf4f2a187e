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

    [ParamsSource(nameof(Cases))]
    public MatrixCase Case { get; set; } = null!;

    [Params(1, 4, 64, 512)]
    public int Tokens { get; set; }

    public static IEnumerable<MatrixCase> Cases => MatrixCase.All;

    [GlobalSetup]
    public void Load()
    {
        (MatrixRow row, MatrixShape shape) = Case;
        var random = new Random(1);
        byte[] blocks = new byte[row.Kernel.Type.RowBytes(shape.Columns) * shape.Rows];
        Quantization.FillRandom(row.Kernel.Type, random, blocks, 0.02f);
        _workers = new Workers(1);
        _matrix = row.Kernel.Create(shape.Rows, shape.Columns,
            (byteOffset, destination) => blocks.AsSpan((int)byteOffset, destination.Length).CopyTo(destination), _workers);
        _x.Reshape(Tokens, shape.Columns);
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

using System;
using System.Linq;
using AhnSharp.Gguf;
using AhnSharp.Kernels;
using AhnSharp.Quants;
using AhnSharp.Training;
using Xunit;

namespace AhnSharp.Tests.Training;

/// <summary>dy·W of every format, against both decoded and multiplied in double.</summary>
public sealed class TransposedProductsTests
{
    public static TheoryData<GgmlType> Formats => [.. QuantFormats.Rows.Select(row => row.Type)];

    // Two stretches of rows, the second one shorter, and rows of dy that are no whole items.
    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_format_equals_double_precision(GgmlType type)
    {
        const int Outputs = 600, Inputs = 512, Rows = 70;
        byte[] blocks = new byte[Outputs * type.RowBytes(Inputs)];
        var random = new Random((int)type);
        Quantization.FillRandom(type, random, blocks, 0.05f);
        float[] w = new float[Outputs * Inputs];
        Quantization.Dequantize(type, blocks, w);
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("w.gguf");
        var writer = new GgufWriter();
        writer.Add("general.architecture", "qwen2");
        writer.AddTensor("w", type, [Inputs, Outputs], stream => stream.Write(blocks));
        writer.Write(path);

        using GgufFile file = GgufFile.Open(path);
        using var workers = new Workers(3);
        var products = new TransposedProducts(file, workers, KernelTable.Gemm);
        Activations dy = new(), dx = new();
        dy.Reshape(Rows, Outputs);
        Slopes.Normals(random, Rows * Outputs).CopyTo(dy.Values);
        products.Multiply(file.GetTensor("w"), dy, dx);
        float[] once = dx.Values.ToArray();
        for (int t = 0; t < Rows; t += 23)
        {
            for (int i = 0; i < Inputs; i += 17)
            {
                double sum = 0, size = 0;
                for (int o = 0; o < Outputs; o++)
                {
                    sum += (double)dy.Row(t)[o] * w[o * Inputs + i];
                    size += Math.Abs((double)dy.Row(t)[o] * w[o * Inputs + i]);
                }
                Assert.Equal(sum, once[t * Inputs + i], 1e-6 * size);
            }
        }
        products.Multiply(file.GetTensor("w"), dy, dx, accumulate: true);
        Assert.Equal(2.0 * once[5], dx.Values[5], 1e-4 * Math.Abs(once[5]));
    }
}
